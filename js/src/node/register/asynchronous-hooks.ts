/** The hooks as `module.register` takes them: asynchronous, on a thread of their own (Node ≥ 20.6). */
import type { LoadHook, ResolveHook } from 'node:module';
import { loadPython, resolvePython } from './hooks.js';
import { isPythonUrl } from './specifier.js';

export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  const own = resolvePython(specifier, context.parentURL);
  if (own !== undefined) return own;
  // A Python file may also be reached through `exports` or `imports` of a package.json.
  const resolved = await nextResolve(specifier, context);
  return isPythonUrl(resolved.url) ? { ...resolved, format: 'module' } : resolved;
};

export const load: LoadHook = async (url, context, nextLoad) =>
  loadPython(url) ?? nextLoad(url, context);
