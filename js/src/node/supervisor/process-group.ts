/**
 * Signals and sweeps a process group. A worker leads its own group, so its children, and theirs,
 * go with it unless they moved to a session of their own.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 5;
const SWEEP_LIMIT_MS = 2000;

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

/** Kills what is left of the group and resolves when it has gone. */
export async function sweepGroup(groupId: number): Promise<void> {
  if (!signalGroup(groupId, 'SIGKILL')) return;
  const deadline = Date.now() + SWEEP_LIMIT_MS;
  while (hasLiving(groupId) && Date.now() < deadline) await delay(POLL_MS);
}

/** Zombies do not count: they wait for whoever inherited them, which is not always quick. */
function hasLiving(groupId: number): boolean {
  if (!signalGroup(groupId, 0)) return false;
  if (process.platform !== 'linux') return true;
  return readdirSync('/proc').some((entry) => /^\d+$/.test(entry) && livesIn(entry, groupId));
}

function livesIn(pid: string, groupId: number): boolean {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return false;
  }
  // proc(5): pid (comm) state ppid pgrp …; comm may hold spaces and parentheses.
  const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(group) === groupId && state !== 'Z' && state !== 'X';
}
