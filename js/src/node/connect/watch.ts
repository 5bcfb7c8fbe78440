/**
 * Notices that a module's files have changed, by looking at them: no way of saving a file, and no
 * file system, escapes that. `cli/watching.py` has the same rules for what counts.
 */
import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** How often files are looked at, and how long they must be left alone before it counts. */
const INTERVAL_MS = 250;
/** Files that are looked at; a folder with more holds something else than a module. */
const MAX_FILES = 10_000;

const FILES = /^(?:.*\.py|pyproject\.toml|requirements.*)$/;
const SKIPPED_FOLDERS = /^(?:\..*|node_modules|__pycache__|site-packages)$/;
/** What stands in a virtual environment. */
const ENVIRONMENT_SIGN = 'pyvenv.cfg';

/** By path: what changes when the file does. */
type Snapshot = ReadonlyMap<string, string>;

export class ModuleWatcher {
  readonly #folder: string;
  #seen: Snapshot;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(folder: string, seen: Snapshot) {
    this.#folder = folder;
    this.#seen = seen;
  }

  /** Takes the files as they are now for what is known of them. */
  static async open(folder: string): Promise<ModuleWatcher> {
    return new ModuleWatcher(folder, await snapshot(folder));
  }

  /**
   * Calls `onChange` with the changed files, relative to the folder, once they are left alone. What
   * changes while it is at work is told afterwards, together.
   */
  start(onChange: (files: readonly string[]) => Promise<void>): void {
    this.#timer = setTimeout(() => {
      void this.#look(onChange).finally(() => {
        if (!this.#closed) this.start(onChange);
      });
    }, INTERVAL_MS).unref();
  }

  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #look(onChange: (files: readonly string[]) => Promise<void>): Promise<void> {
    let now = await snapshot(this.#folder);
    if (differences(this.#seen, now).length === 0) return;
    for (let settled = false; !settled; ) {
      await pause(INTERVAL_MS);
      const later = await snapshot(this.#folder);
      settled = differences(now, later).length === 0;
      now = later;
    }
    const changed = differences(this.#seen, now);
    this.#seen = now;
    if (changed.length === 0 || this.#closed) return;
    await onChange(changed.map((path) => relative(this.#folder, path)));
  }
}

async function snapshot(folder: string): Promise<Snapshot> {
  const files = new Map<string, string>();
  await collect(folder, files);
  return files;
}

async function collect(folder: string, files: Map<string, string>): Promise<void> {
  // A folder, or a file, may be gone by the time it is looked into: then it is simply not there.
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  if (entries.some(({ name }) => name === ENVIRONMENT_SIGN)) return;
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!SKIPPED_FOLDERS.test(entry.name)) await collect(path, files);
    } else if (FILES.test(entry.name) && files.size < MAX_FILES) {
      const found = await stat(path).catch(() => undefined);
      if (found !== undefined) files.set(path, `${found.mtimeMs} ${found.size} ${found.ino}`);
    }
  }
}

/** The paths that are not the same in both. */
function differences(before: Snapshot, now: Snapshot): string[] {
  return [...new Set([...before.keys(), ...now.keys()])].filter(
    (path) => before.get(path) !== now.get(path),
  );
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
