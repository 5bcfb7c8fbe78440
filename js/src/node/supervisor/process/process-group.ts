/**
 * Signals a process group and sweeps up after its leader. A worker leads its own group, so its
 * children, and theirs, go with it unless they moved to a group of their own.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 5;
const SWEEP_LIMIT_MS = 2000;

/** Finds living processes that belong to a worker, by its pid. */
export type FindProcesses = (leaderId: number) => readonly number[];
const nobody: FindProcesses = () => [];

/** Sends `signal` to every process of the group; false when there is none to take it. */
export function signalGroup(groupId: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-groupId, signal);
    return true;
  } catch {
    // ESRCH: the group is empty. EPERM: only processes of another user are left, not ours to end.
    return false;
  }
}

/**
 * Kills what is left of a worker that has ended and resolves when it has gone: its group, and on
 * Linux what `others` finds.
 *
 * @param others finds what comes from it and has moved to another group (Linux)
 */
export async function sweep(leaderId: number, others: FindProcesses = nobody): Promise<void> {
  const deadline = performance.now() + SWEEP_LIMIT_MS;
  signalGroup(leaderId, 'SIGKILL');
  if (process.platform !== 'linux') {
    while (signalGroup(leaderId, 0) && performance.now() < deadline) await delay(POLL_MS);
    return;
  }
  // Looked at again each time: what is being killed may have forked a moment before.
  for (;;) {
    const left = [...living(leaderId), ...others(leaderId)];
    for (const pid of left) signalProcess(pid, 'SIGKILL');
    if (left.length === 0 || performance.now() >= deadline) return;
    await delay(POLL_MS);
  }
}

/** Kills, leader included, what `sweep` would, as far as one look finds it: for where nobody can wait. */
export function killFamily(leaderId: number, others: FindProcesses = nobody): void {
  signalGroup(leaderId, 'SIGKILL');
  // At the very beginning it does not lead a group yet.
  signalProcess(leaderId, 'SIGKILL');
  if (process.platform !== 'linux') return;
  for (const pid of [...living(leaderId), ...others(leaderId)]) signalProcess(pid, 'SIGKILL');
}

/** Every process that can be seen; none where there is no `/proc`, or no descriptor to read it with. */
export function allProcesses(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has gone, or belongs to another user.
  }
}

/** Zombies do not count: they wait for whoever inherited them, which is not always quick. */
function living(leaderId: number): number[] {
  return allProcesses().filter((pid) => livesWith(pid, leaderId));
}

function livesWith(pid: number, leaderId: number): boolean {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return false;
  }
  // proc(5): pid (comm) state ppid pgrp …; comm may hold spaces and parentheses.
  const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === 'Z' || state === 'X') return false;
  return Number(group) === leaderId;
}
