/**
 * What a forked worker has left in sessions of its own, where no zygote ends it: found by the mark in
 * its environment, as `synapse_worker/worker/zygote/origin.py` does.
 */
import { readFileSync } from 'node:fs';
import { allProcesses } from '../process-group.js';

/** Room in the environment for the pid of a worker, by which its descendants are known. */
export const ORIGIN_VARIABLE = 'SYNAPSE_WORKER_PID';
const DIGITS = 10;
export const NO_ORIGIN = '0'.repeat(DIGITS);

/** The processes that come from the worker with this pid, and have not been given another environment. */
export function descendantsOf(worker: number): number[] {
  const mark = `${ORIGIN_VARIABLE}=${String(worker).padStart(DIGITS, '0')}`;
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
