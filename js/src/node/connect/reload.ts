/** Lets the workers of a connected module follow its files: `connect({ watch: true })`. */
import type { LogRecord } from '../supervisor/log-record.js';
import type { ModuleWatcher } from './watch.js';

/** The variable by which `synapse dev` makes every client of its command watch. */
const WATCH_VARIABLE = 'SYNAPSE_WATCH';

export interface ReloadOptions {
  /** What messages call the module. */
  readonly name: string;
  readonly onLog: (record: LogRecord) => void;
  /** Starts workers with the files as they are; the old ones go when those are ready. */
  readonly reload: () => Promise<void>;
}

/** Whether to watch, told by the caller or else by the environment. */
export function wantsWatch(watch: boolean | undefined): boolean {
  return watch ?? process.env[WATCH_VARIABLE] === '1';
}

/** Reloads on every change, and says how that went; what fails leaves the last good workers. */
export function reloadOnChange(watcher: ModuleWatcher, options: ReloadOptions): void {
  const { name, onLog, reload } = options;
  const say = (level: string, message: string): void =>
    onLog({ source: 'runtime', level, message, pid: undefined });
  watcher.start(async (files) => {
    const what = files.length === 1 ? files[0] : `${files[0]} and ${files.length - 1} more`;
    try {
      await reload();
      say('INFO', `Reloaded "${name}": ${what} changed.`);
    } catch (error) {
      // The client was closed meanwhile: there is nothing to reload any more.
      if (watcher.closed) return;
      const reason = error instanceof Error ? error.message : String(error);
      const kept = 'The workers from before the change go on.';
      say('ERROR', `"${name}" could not be reloaded after ${what} changed. ${kept}\n${reason}`);
    }
  });
}
