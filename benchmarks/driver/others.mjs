// Whose the processors were: this run's, or others'. The load average cannot tell, it counts the run itself.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { descendants } from '../lane/processes.mjs';

/** The kernel's unit of processor time towards programs, the same on every Linux, in milliseconds. */
const TICK_MS = 10;

/** Milliseconds for which processors had nothing to do, all of them together, since the system started. */
function idleMs() {
  const [, ...ticks] = readFileSync('/proc/stat', 'latin1').split('\n', 1)[0].split(/\s+/);
  const [, , , idle, waiting] = ticks.map(Number);
  return (idle + waiting) * TICK_MS;
}

/** Processor time of a process and of those of its children that have ended, in milliseconds. */
function usedMs(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * TICK_MS;
  } catch {
    return 0; // it has ended: from now on its parent has its time
  }
}

const ownMs = () =>
  [process.pid, ...descendants(process.pid)].reduce((sum, pid) => sum + usedMs(pid), 0);

const observed = () => ({ at: performance.now(), idle: idleMs(), own: ownMs() });

/** What there was of processor time between two observations, and what of it neither the run used nor nobody. */
export function betweenThem(before, after, cores) {
  const whole = (after.at - before.at) * cores;
  return { whole, used: whole - (after.idle - before.idle) - (after.own - before.own) };
}

/** Adds up what other processes used while something was measured. */
export class Others {
  #used = 0;
  #whole = 0;

  /** Does something, and counts what others use meanwhile. Processes that it starts must still be there at its end, or their parents. */
  async during(doing) {
    const before = observed();
    await doing();
    const { whole, used } = betweenThem(before, observed(), availableParallelism());
    this.#whole += whole;
    this.#used += used;
  }

  /** Their share of all processor time there was, from 0 to 1. */
  get share() {
    return this.#whole === 0 ? 0 : Math.max(0, this.#used / this.#whole);
  }

  /** Adds what another has counted. */
  add(other) {
    this.#used += other.#used;
    this.#whole += other.#whole;
  }
}
