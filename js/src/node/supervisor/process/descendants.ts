/**
 * What a worker has left in groups of its own, where no zygote ends it: found by the mark in its
 * environment, as `synapse_worker/worker/zygote/origin.py` does.
 */
import { readFileSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
import { allProcesses } from './process-group.js';

/** What in an environment tells of which worker a process comes: a forked one writes its pid there. */
export const ORIGIN_VARIABLE = 'SYNAPSE_WORKER_PID';
const DIGITS = 10;
export const NO_ORIGIN = '0'.repeat(DIGITS);

/**
 * For a process that is spawned, whose pid is not known before; no zygote takes it for a pid. Who spawns it, and when,
 * tells it from all others, and is there at once: a first worker would wait 0.2 ms for random bytes.
 */
export const newOrigin = (): string =>
  `spawned-${process.pid}-${threadId}-${process.hrtime.bigint()}`;

/** The processes that come from the worker with this pid, and have not been given another environment. */
export function descendantsOf(worker: number): number[] {
  return marked(String(worker).padStart(DIGITS, '0'));
}

/** The processes that carry this mark. */
export function marked(origin: string): number[] {
  const mark = `${ORIGIN_VARIABLE}=${origin}`;
  return allProcesses().filter((pid) => environmentOf(pid).includes(mark));
}

/** Empty for a zombie, and for what belongs to another user. */
function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
  } catch {
    return [];
  }
}
