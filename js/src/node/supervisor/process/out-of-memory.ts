/**
 * Tells a worker that the kernel killed for lack of memory from one that somebody else killed: both
 * die by SIGKILL, but the kernel counts those that it kills, per control group and all in all.
 */
import { readFileSync } from 'node:fs';

/** Reads a file; undefined where it cannot be read. */
export type ReadText = (path: string) => string | undefined;

export class OutOfMemoryKills {
  readonly #read: ReadText;
  #source: string | undefined | null = null;
  /** How far the count has been put down to workers. */
  #claimed = 0;

  constructor(read: ReadText = readText) {
    this.#read = read;
  }

  /** How many there have been: those concern none of the workers to come. */
  count(): number | undefined {
    if (this.#source === null) this.#source = this.#find();
    return this.#source === undefined ? undefined : this.#countIn(this.#source);
  }

  /** Whether one more has been killed since the count was `since` than were asked for; each is told of once. */
  claim(since: number | undefined): boolean {
    const count = this.count();
    if (count === undefined || since === undefined) return false;
    const claimed = Math.max(since, this.#claimed);
    if (count <= claimed) return false;
    this.#claimed = claimed + 1;
    return true;
  }

  /** The file with the count that is closest to this process. */
  #find(): string | undefined {
    const groups = this.#read('/proc/self/cgroup') ?? '';
    return candidates(groups).find((path) => this.#countIn(path) !== undefined);
  }

  /** In files of lines such as `oom_kill 3`. */
  #countIn(path: string): number | undefined {
    const count = /^oom_kill (\d+)$/m.exec(this.#read(path) ?? '')?.[1];
    return count === undefined ? undefined : Number(count);
  }
}

/** Where the count may be, by what `/proc/self/cgroup` says: version 2, version 1, the whole machine. */
function candidates(groups: string): string[] {
  const paths: string[] = [];
  for (const line of groups.split('\n')) {
    // cgroups(7): hierarchy-ID:controller-list:cgroup-path; version 2 has neither number nor list.
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) continue;
    const isVersion2 = controllers === '';
    if (!isVersion2 && !controllers.split(',').includes('memory')) continue;
    const root = isVersion2 ? '/sys/fs/cgroup' : '/sys/fs/cgroup/memory';
    const file = isVersion2 ? 'memory.events' : 'memory.oom_control';
    // In a container the path may be the host's, while what is mounted is the container's own.
    paths.push(`${root}${path === '/' ? '' : path}/${file}`, `${root}/${file}`);
  }
  return [...paths, '/proc/vmstat'];
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

/** Of this process and its children. */
export const outOfMemoryKills = new OutOfMemoryKills();
