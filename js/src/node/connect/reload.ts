/**
 * Lets the workers of a connected module follow its files: `connect({ watch: true })`. An edit makes
 * the environment ready where it may have changed, then replaces the workers; what fails is said
 * with its place in the Python source, and the workers that run stay.
 */
import { ModuleStartError } from '../../core/errors.js';
import type { LogRecord } from '../supervisor/connection/log-record.js';
import type { SpawnSpec } from '../supervisor/process/spawn-spec.js';
import { type ModuleWatcher, shapesLaunch } from './watch.js';

/** The variable by which `synapse dev` makes every client of its command watch. */
const WATCH_VARIABLE = 'SYNAPSE_WATCH';

const NOT_RELOADED = 'Not reloaded: the workers from before the edit go on.';

export interface ReloadOptions {
  /** Makes the environment ready and tells how workers are started from now on. */
  readonly prepare: (signal: AbortSignal) => Promise<SpawnSpec>;
  /** Replaces the workers; the old ones go when the new ones are ready. */
  readonly reload: (spawn: SpawnSpec | undefined) => Promise<void>;
  readonly onLog: (record: LogRecord) => void;
  /** `synapse dev` looks after the module: what is wrong at which line, it says itself. */
  readonly developed?: boolean;
}

/** Whether to watch, told by the caller or else by the environment. */
export function wantsWatch(watch: boolean | undefined): boolean {
  return watch ?? process.env[WATCH_VARIABLE] === '1';
}

/** Reloads after every edit. A later edit overtakes one that is still being prepared or started. */
export function reloadOnEdit(watcher: ModuleWatcher, options: ReloadOptions): void {
  const { prepare, reload, onLog, developed = false } = options;
  const say = (record: Pick<LogRecord, 'level' | 'message' | 'file' | 'line'>): void =>
    onLog({ source: 'runtime', pid: undefined, ...record });
  let current = new AbortController();
  watcher.signal.addEventListener('abort', () => current.abort());
  let prepared = true;

  async function follow(files: readonly string[], { signal }: AbortController): Promise<void> {
    try {
      let spawn: SpawnSpec | undefined;
      if (!prepared) {
        spawn = await prepare(signal);
        if (signal.aborted) return;
        prepared = true;
      }
      await reload(spawn);
    } catch (error) {
      if (!signal.aborted) say(failure(error, developed));
      return;
    }
    if (!signal.aborted) say({ level: 'INFO', message: `Reloaded: ${summary(files)} changed.` });
  }

  void watcher.run((files) => {
    current.abort();
    current = new AbortController();
    // Until it has succeeded: the next edit may be the one that makes it possible.
    if (files.some(shapesLaunch)) prepared = false;
    void follow(files, current);
  });
}

function summary([first, ...others]: readonly string[]): string {
  return others.length === 0 ? `${first}` : `${first} and ${others.length} more`;
}

function failure(
  error: unknown,
  developed: boolean,
): Pick<LogRecord, 'level' | 'message' | 'file' | 'line'> {
  const { file, line } = placeOf(error);
  if (developed && file !== undefined) return { level: 'ERROR', message: NOT_RELOADED };
  const where = file === undefined ? '' : `${file}:${line ?? 1}: `;
  return {
    level: 'ERROR',
    message: `${where}${reasonOf(error)}\n${NOT_RELOADED}`,
    ...(file !== undefined && { file }),
    ...(line !== undefined && { line }),
  };
}

/** Where the Python is wrong: a worker that cannot start says it of its module. */
function placeOf(error: unknown): { file?: string; line?: number } {
  const details = error instanceof ModuleStartError ? error.details : undefined;
  const { file, line } = (details ?? {}) as { file?: unknown; line?: unknown };
  return {
    ...(typeof file === 'string' && { file }),
    ...(typeof line === 'number' && { line }),
  };
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  // Below an empty line stands the worker's stderr, which has been logged line by line.
  return error instanceof ModuleStartError ? message.split('\n\n', 1).join('') : message;
}
