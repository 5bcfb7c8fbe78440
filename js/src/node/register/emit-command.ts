/**
 * A process of its own, started by `emit.ts`: makes the module's environment ready (with the progress
 * it always shows), has the Python generator emit JavaScript, and prints that, or the failure, as JSON.
 */
import { execFile } from 'node:child_process';
import { basename, dirname } from 'node:path';
import { promisify } from 'node:util';
import { SynapseError } from '../../core/protocol/errors.js';
import { prepareLaunch } from '../connect/launch.js';
import { describeModule } from '../connect/module.js';
import { findInterpreter } from '../env/interpreter.js';
import { commandLine, runtimeFolder, unpackRuntime } from '../env/runtime.js';
import type { EmitAnswer } from './emit.js';
import { type EmitFailure, pythonFailure } from './python-failure.js';

/** Room for the text of any module. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

async function emitted(path: string): Promise<string> {
  const directory = dirname(path);
  const entrypoint = basename(path);
  const module = describeModule(directory, { entrypoint });
  if (module.dialect === 'raw') throw notNative(path);
  await prepareLaunch(module, {});
  const interpreter = await findInterpreter();
  const args = ['generate', directory, '--entrypoint', entrypoint, '--javascript', '--stdout'];
  if (module.python !== undefined) args.push('--python', module.python);
  const line = commandLine(await unpackRuntime(interpreter), [...args, '--json']);
  const { stdout } = await promisify(execFile)(interpreter.path, line, {
    maxBuffer: MAX_OUTPUT_BYTES,
    env: { ...process.env, SYNAPSE_RUNTIME_DIR: runtimeFolder() },
  });
  return stdout;
}

function notNative(path: string): SynapseError {
  return new SynapseError(
    'INVALID_CONFIG',
    `${path} cannot be imported: it does not import synapse_worker, so it offers no functions. Give it a module, ` +
      '`from synapse_worker import Module; app = Module()`, and decorate functions with `@app.method`.',
  );
}

/** What the generator has to say for itself: with --json its last line is the error. */
function failureOf(path: string, error: unknown): EmitFailure {
  const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
  try {
    const { error: told } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
    return pythonFailure(dirname(path), told);
  } catch {
    const [code, details] = SynapseError.is(error)
      ? [error.code, error.details]
      : ['INTERNAL', null];
    const message = stderr.trim() || (error instanceof Error ? error.message : String(error));
    return { code, message, details };
  }
}

function print(answer: EmitAnswer): void {
  process.stdout.write(JSON.stringify(answer));
}

const path = process.argv[2] ?? '';
emitted(path).then(
  (javascript) => print({ javascript }),
  (error: unknown) => print({ error: failureOf(path, error) }),
);
