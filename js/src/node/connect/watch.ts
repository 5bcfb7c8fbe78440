/**
 * Notices edits of a module's files: what decides its behaviour, its environment or its schema.
 * `synapse dev` has the same rules (`cli/watching.py`), so that both ends see the same edits.
 *
 * It polls. A module has few files, polling works on every file system (network mounts, containers,
 * bind mounts), and no way of saving escapes it: an editor that writes in place, one that renames a
 * new file over the old, and one that does either within the clock's resolution.
 */
import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Quick enough to feel at once. */
const POLL_MS = 150;
/** The pause after a look, in looks: however many files there are, looking takes a tenth of the time. */
const PAUSE_PER_LOOK = 9;
/** An edit has been saved when nothing has changed for so long; "save all" is one edit. */
const SETTLE_MS = 100;
/** Something that never stops writing must not keep an edit from being seen. */
const LONGEST_SETTLING_MS = 2000;

const FOREIGN_FOLDERS: ReadonlySet<string> = new Set([
  'node_modules',
  '__pycache__',
  'site-packages',
]);

/** By path, what stat says of a file: a save changes at least one of its parts. */
type Snapshot = ReadonlyMap<string, string>;

export class ModuleWatcher {
  readonly #folder: string;
  readonly #closing = new AbortController();
  #known: Snapshot;

  private constructor(folder: string, known: Snapshot) {
    this.#folder = folder;
    this.#known = known;
  }

  /** Remembers how the folder is now: what changes from here on is an edit. */
  static async open(folder: string): Promise<ModuleWatcher> {
    return new ModuleWatcher(folder, await look(folder));
  }

  /** Aborted when it is closed. */
  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  /**
   * Tells each edit, with the files that it changed, made or removed, relative to the folder, until
   * `close()`. It does not keep the host alive.
   */
  async run(onEdit: (files: readonly string[]) => void): Promise<void> {
    let pauseMs = POLL_MS;
    while (await passed(pauseMs, this.signal)) {
      const start = performance.now();
      const seen = await look(this.#folder);
      pauseMs = Math.max(POLL_MS, PAUSE_PER_LOOK * (performance.now() - start));
      if (changes(this.#known, seen).length === 0) continue;
      const settled = await this.#settled(seen);
      const files = changes(this.#known, settled).map((path) => relative(this.#folder, path));
      this.#known = settled;
      if (files.length > 0 && !this.signal.aborted) onEdit(files);
    }
  }

  close(): void {
    this.#closing.abort();
  }

  /** The folder once the edit is complete. */
  async #settled(first: Snapshot): Promise<Snapshot> {
    const giveUpAt = performance.now() + LONGEST_SETTLING_MS;
    let seen = first;
    while (performance.now() < giveUpAt && (await passed(SETTLE_MS, this.signal))) {
      const before = seen;
      seen = await look(this.#folder);
      if (changes(before, seen).length === 0) break;
    }
    return seen;
  }
}

/** Whether a file decides what the environment is, or how the module is started. */
export function shapesLaunch(file: string): boolean {
  return /(?:^|[/\\])(?:requirements|pyproject\.toml)[^/\\]*$/.test(file);
}

/** Whether an edit of a file of this name can change what the module is. */
function counts(name: string): boolean {
  return name.endsWith('.py') || shapesLaunch(name);
}

/** Resolves to true after `ms`, to false as soon as the signal is aborted. */
async function passed(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await pause(ms, undefined, { ref: false, signal });
    return true;
  } catch {
    return false;
  }
}

function changes(before: Snapshot, now: Snapshot): string[] {
  const paths = new Set([...before.keys(), ...now.keys()]);
  return [...paths].filter((path) => before.get(path) !== now.get(path));
}

async function look(folder: string): Promise<Snapshot> {
  const files = new Map<string, string>();
  await collect(folder, new Set(), files);
  return files;
}

/** Gathers the files that count; links are followed, each folder once. */
async function collect(
  folder: string,
  visited: Set<string>,
  files: Map<string, string>,
): Promise<void> {
  const own = await stat(folder, { bigint: true }).catch(() => undefined);
  const names = await readdir(folder).catch(() => undefined);
  // Removed meanwhile, or for a moment while it is replaced.
  if (own === undefined || names === undefined) return;
  const identity = `${own.dev}:${own.ino}`;
  if (visited.has(identity) || names.includes('pyvenv.cfg')) return;
  visited.add(identity);
  // In the same order each time: of two links to one folder it is always the same that is followed.
  for (const name of names.sort()) {
    if (name.startsWith('.') || FOREIGN_FOLDERS.has(name)) continue;
    const path = join(folder, name);
    const found = await stat(path, { bigint: true }).catch(() => undefined);
    if (found?.isDirectory()) await collect(path, visited, files);
    else if (found !== undefined && counts(name)) {
      files.set(path, `${found.mtimeNs} ${found.ctimeNs} ${found.size} ${found.ino}`);
    }
  }
}
