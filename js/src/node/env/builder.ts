/**
 * Runs the Python environment builder (`synapse env sync --events`) and turns its end into a marker or
 * an {@link EnvironmentError}. The builder stops, with the tools it started, when its standard input
 * closes; so it ends with this process, however that dies.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { ErrorCode } from '../../core/protocol/errors.js';
import { EnvironmentError } from './errors.js';
import { type BuildFailure, type EnvironmentEvent, parseLine } from './events.js';
import { installationHint } from './install-python.js';
import type { Interpreter } from './interpreter.js';
import type { EnvironmentMarker } from './marker.js';
import { commandLine, runtimeFolder } from './runtime.js';

/** How long a cancelled builder may take to stop its tools before it is terminated, then killed. */
const STOP_GRACE_MS = 3_000;
/** How long what an ended builder has written may take to be read. */
const DRAIN_MS = 1_000;
/** Lines of the builder's stderr kept for an error that it could not report itself. */
const KEPT_LINES = 40;

/** One build. */
export interface BuildRequest {
  /** Real path of the module directory. */
  readonly directory: string;
  readonly interpreter: Interpreter;
  /** Folder with our unpacked Python sources. */
  readonly unpacked: string;
  readonly python?: string | undefined;
  readonly backend: 'auto' | 'uv' | 'virtualenv';
  readonly dialect: 'native' | 'raw' | 'auto';
  readonly share?: boolean | undefined;
  readonly signal: AbortSignal;
  readonly onEvent: (event: EnvironmentEvent) => void;
}

/**
 * Build or update one environment.
 *
 * @throws EnvironmentError with the builder's code, the tool's last lines and a hint; the signal's
 * reason when it was aborted, once the builder is gone.
 */
export async function runBuilder(request: BuildRequest): Promise<EnvironmentMarker> {
  request.signal.throwIfAborted();
  const args = ['env', 'sync', request.directory, '--events', '--watch-stdin'];
  args.push('--backend', request.backend, '--dialect', request.dialect);
  args.push('--runtime', runtimeFolder());
  if (request.python) args.push('--python', request.python);
  if (request.share !== undefined) args.push(request.share ? '--share' : '--no-share');
  const child = spawn(request.interpreter.path, commandLine(request.unpacked, args), {
    stdio: ['pipe', 'pipe', 'pipe'],
    // By this it knows that its advice is read where `npx` finds the command line.
    env: { ...process.env, SYNAPSE_RUNTIME_DIR: runtimeFolder() },
    windowsHide: true,
  });
  const ended = exitOf(child);
  const release = stopOnAbort(child, request.signal);
  const stderr: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    stderr.push(line);
    if (stderr.length > KEPT_LINES) stderr.shift();
  });
  const lines = createInterface({ input: child.stdout });
  void ended.then(() => {
    lines.close();
    child.stdout.destroy();
    child.stderr.destroy();
  });
  try {
    let marker: EnvironmentMarker | undefined;
    let failure: BuildFailure | undefined;
    for await (const line of lines) {
      const event = parseLine(line);
      if (event?.event === 'ready') marker = event.marker;
      else if (event?.event === 'error') failure = event.error;
      else if (event !== undefined) request.onEvent(event);
    }
    const end = await ended;
    request.signal.throwIfAborted();
    if (typeof end !== 'string') throw end;
    if (failure !== undefined) throw fromFailure(failure);
    if (marker !== undefined) return marker;
    throw new EnvironmentError('BUILD_FAILED', `The environment builder ended with ${end}.`, {
      lines: stderr,
      retryable: true,
    });
  } finally {
    release();
    // Ends it also when a listener of the events threw.
    child.stdin.end();
  }
}

/** Resolve with how the process ended, or with the error of one that could not be started. */
function exitOf(child: ChildProcess): Promise<string | EnvironmentError> {
  // A builder that ends before it reads its input must not surface as an unhandled EPIPE.
  child.stdin?.on('error', () => {});
  return new Promise((resolve) => {
    child.on('error', (cause) => {
      resolve(
        new EnvironmentError('PYTHON_NOT_FOUND', `Cannot start ${child.spawnfile}.`, {
          hint: installationHint(false),
          cause,
        }),
      );
    });
    child.on('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
    // What a process that it left behind holds open is never closed.
    child.on('exit', (code, signal) => {
      const late = setTimeout(() => resolve(signal ?? `exit code ${code}`), DRAIN_MS);
      child.on('close', () => clearTimeout(late));
    });
  });
}

/** Ask, terminate, kill: each after its grace, none once the process has gone. */
function stopOnAbort(child: ChildProcess, signal: AbortSignal): () => void {
  const timers: NodeJS.Timeout[] = [];
  const stop = (): void => {
    child.stdin?.end();
    timers.push(setTimeout(() => child.kill('SIGTERM'), STOP_GRACE_MS));
    timers.push(setTimeout(() => child.kill('SIGKILL'), 2 * STOP_GRACE_MS));
  };
  signal.addEventListener('abort', stop, { once: true });
  return () => {
    signal.removeEventListener('abort', stop);
    for (const timer of timers) clearTimeout(timer);
  };
}

function fromFailure({ code, message, ...failure }: BuildFailure): EnvironmentError {
  return new EnvironmentError(code as ErrorCode, message, failure);
}
