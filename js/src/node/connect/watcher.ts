/**
 * Notices edits of a module's files: what decides its behaviour, its environment or its schema.
 * `synapse dev` has the same rules (`cli/watching.py`), so that both ends see the same edits.
 *
 * It polls. A module has few files, polling works on every file system (network mounts, containers,
 * bind mounts), and no way of saving escapes it: an editor that writes in place, one that renames a
 * new file over the old, and one that does either within the clock's resolution.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Quick enough to feel at once. */
const POLL_MS = 150;
/** Looking takes a tenth of the time at most, however many files there are. */
const POLL_PER_LOOK = 9;
/** An edit has been saved when nothing has changed for so long; "save all" is one edit. */
const SETTLE_MS = 100;
/** Something that never stops writing must not keep an edit from being seen. */
const LONGEST_SETTLING_MS = 2000;

const FOREIGN_FOLDERS: ReadonlySet<string> = new Set([
  'node_modules',
  '__pycache__',
  'site-packages',
]);

/** What stat says of each file: a save changes at least one of its parts. */
type Snapshot = ReadonlyMap<string, string>;

export class Watcher {
  readonly #folder: string;
  readonly #end = new AbortController();
  #known: Snapshot;

  private constructor(folder: string, known: Snapshot) {
    this.#folder = folder;
    this.#known = known;
  }

  /** Remembers how the folder is now: what changes from here on is an edit. */
  static async of(folder: string): Promise<Watcher> {
    return new Watcher(folder, await look(folder));
  }

  /**
   * Tells each edit, with the files that it changed, made or removed, until `end()`. It does not keep
   * the host alive.
   */
  async run(onEdit: (paths: readonly string[]) => void): Promise<void> {
    const { signal } = this.#end;
    let pauseMs = POLL_MS;
    while (await passed(pauseMs, signal)) {
      const start = performance.now();
      const seen = await look(this.#folder);
      pauseMs = Math.max(POLL_MS, POLL_PER_LOOK * (performance.now() - start));
      if (changes(this.#known, seen).length === 0) continue;
      const settled = await this.#settled(seen);
      const paths = changes(this.#known, settled);
      this.#known = settled;
      if (paths.length > 0 && !signal.aborted) onEdit(paths);
    }
  }

  end(): void {
    this.#end.abort();
  }

  /** The folder once the edit is complete. */
  async #settled(first: Snapshot): Promise<Snapshot> {
    const giveUpAt = performance.now() + LONGEST_SETTLING_MS;
    let seen = first;
    while (performance.now() < giveUpAt && (await passed(SETTLE_MS, this.#end.signal))) {
      const before = seen;
      seen = await look(this.#folder);
      if (changes(before, seen).length === 0) break;
    }
    return seen;
  }
}

/** Whether a file of this name decides what the environment is, or how the module is started. */
export function shapesEnvironment(name: string): boolean {
  return name.startsWith('requirements') || name.startsWith('pyproject.toml');
}

/** Whether an edit of a file of this name can change what the module is. */
function counts(name: string): boolean {
  return name.endsWith('.py') || shapesEnvironment(name);
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
  const own = await stat(folder).catch(() => undefined);
  const names = await readdir(folder).catch(() => undefined);
  // Removed meanwhile, or for a moment while it is replaced.
  if (own === undefined || names === undefined) return;
  const identity = `${own.dev}:${own.ino}`;
  if (visited.has(identity) || names.includes('pyvenv.cfg')) return;
  visited.add(identity);
  // In the same order each time: of two links to a folder the same one is followed.
  for (const name of names.sort()) {
    if (name.startsWith('.') || FOREIGN_FOLDERS.has(name)) continue;
    const path = join(folder, name);
    const status = await stat(path, { bigint: true }).catch(() => undefined);
    if (status?.isDirectory()) await collect(path, visited, files);
    else if (status !== undefined && counts(name)) files.set(path, stampOf(status));
  }
}

function stampOf(status: { mtimeNs: bigint; ctimeNs: bigint; size: bigint; ino: bigint }): string {
  return `${status.mtimeNs} ${status.ctimeNs} ${status.size} ${status.ino}`;
}
