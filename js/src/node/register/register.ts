/**
 * `synapse-worker/register`: lets `import { quote } from './pricing/main.py'` work.
 *
 *     node --import synapse-worker/register app.js
 *     node --import tsx --import synapse-worker/register app.ts
 *
 * Importing this file is all there is to do. Where Node has synchronous hooks (≥ 22.15, 23.5) they are
 * used: they run in this thread and cost nothing until a Python file is imported.
 */
import * as nodeModule from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '#package-root';
import { SynapseError } from '../../core/protocol/errors.js';
import { loadPython, resolvePython } from './hooks.js';
import { isPythonUrl } from './specifier.js';

/** The part of Node's synchronous hooks that is used; the oldest supported Node does not have them. */
interface SynchronousHooks {
  resolve(
    specifier: string,
    context: { readonly parentURL?: string | undefined },
    nextResolve: (specifier: string, context: unknown) => { url: string; format?: string | null },
  ): unknown;
  load(
    url: string,
    context: unknown,
    nextLoad: (url: string, context: unknown) => unknown,
  ): unknown;
}

interface Registration {
  readonly registerHooks?: (hooks: SynchronousHooks) => unknown;
  readonly register?: (specifier: string) => void;
  readonly Module: { readonly _extensions: Record<string, unknown> };
}

const HOOKS = join(packageRoot, 'dist', 'esm', 'node', 'register', 'asynchronous-hooks.js');
/** Both builds, and every copy of this package in a thread, must not register twice. */
const REGISTERED = Symbol.for('synapse-worker.registered');

const synchronousHooks: SynchronousHooks = {
  resolve(specifier, context, nextResolve) {
    const own = resolvePython(specifier, context.parentURL);
    if (own !== undefined) return own;
    const resolved = nextResolve(specifier, context);
    return isPythonUrl(resolved.url) ? { ...resolved, format: 'module' } : resolved;
  },
  load: (url, context, nextLoad) => loadPython(url) ?? nextLoad(url, context),
};

function registerOnce(): void {
  if (REGISTERED in globalThis) return;
  Object.defineProperty(globalThis, REGISTERED, { value: true });
  const node = nodeModule as unknown as Registration;
  if (node.registerHooks !== undefined) node.registerHooks(synchronousHooks);
  else if (node.register !== undefined) node.register(pathToFileURL(HOOKS).href);
  else {
    throw new SynapseError(
      'INVALID_CONFIG',
      `synapse-worker/register needs Node 20.6 or newer; this is ${process.version}.`,
    );
  }
  node.Module._extensions['.py'] = refuseRequire;
}

/** Without this, `require` would read the Python as JavaScript and complain about its syntax. */
function refuseRequire(_module: unknown, path: string): never {
  throw new SynapseError(
    'INVALID_CONFIG',
    `${path} cannot be loaded with require(): a Python module is an ES module that starts its worker while ` +
      'it is loaded. Use await import(), or, where a compiler made the require(), set "type": "module" in package.json.',
  );
}

registerOnce();
