/**
 * `synapse-worker/register`: lets `import { quote } from './pricing/main.py'` work.
 *
 *     node --import synapse-worker/register app.js
 *     node --import tsx --import synapse-worker/register app.ts
 *
 * Importing this file is all there is to do. Node's synchronous hooks run in this thread and cost next
 * to nothing; `module.register`, which a later Node will not have, serves where they are not sound.
 */
import * as nodeModule from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SynapseError } from '../../core/protocol/errors.js';
import { packageRoot } from '../env/package-root.js';
import { loadPython, resolvePython } from './hooks.js';
import { isPythonUrl } from './specifier.js';

interface ResolveContext {
  readonly parentURL?: string | undefined;
  readonly conditions?: readonly string[] | undefined;
}

/** The part of Node's synchronous hooks that is used; the oldest supported Node does not have them. */
interface SynchronousHooks {
  resolve(
    specifier: string,
    context: ResolveContext,
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

/**
 * The first Node whose synchronous hooks get on with another library's asynchronous ones (tsx has
 * such); before it a CommonJS file loaded through both fails (nodejs/node#57327, mended in #59929).
 */
const SOUND_HOOKS_SINCE = [24, 11] as const;
const HOOKS = join(packageRoot, 'dist', 'esm', 'node', 'register', 'asynchronous-hooks.js');
/** Both builds, and every copy of this package in a thread, must not register twice. */
const REGISTERED = Symbol.for('synapse-worker.registered');

const synchronousHooks: SynchronousHooks = {
  resolve(specifier, context, nextResolve) {
    const own = resolvePython(specifier, context.parentURL);
    if (own !== undefined) {
      if (context.conditions?.includes('require')) refuseRequire(undefined, specifier);
      return own;
    }
    const resolved = nextResolve(specifier, context);
    return isPythonUrl(resolved.url) ? { ...resolved, format: 'module' } : resolved;
  },
  load: (url, context, nextLoad) => loadPython(url) ?? nextLoad(url, context),
};

function registerOnce(): void {
  if (REGISTERED in globalThis) return;
  Object.defineProperty(globalThis, REGISTERED, { value: true });
  const node = nodeModule as unknown as Registration;
  const { register, registerHooks } = node;
  if (registerHooks !== undefined && (areSound(process.versions.node) || register === undefined)) {
    registerHooks(synchronousHooks);
  } else if (register !== undefined) register(pathToFileURL(HOOKS).href);
  else {
    throw new SynapseError(
      'INVALID_CONFIG',
      `synapse-worker/register needs Node 20.6 or newer; this is ${process.version}.`,
    );
  }
  node.Module._extensions['.py'] = refuseRequire;
}

function areSound(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [firstMajor, firstMinor] = SOUND_HOOKS_SINCE;
  return major > firstMajor || (major === firstMajor && minor >= firstMinor);
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
