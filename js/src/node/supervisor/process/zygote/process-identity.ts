/** Tells whether a pid still is the process that it was, and how it has ended (Linux). */
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';

/** Fields of `/proc/<pid>/stat` after the name, as proc(5) has them less three. */
const STATE = 0;
const START_TIME = 19;
const WAIT_STATUS = 49;
/** Of a wait status: the signal that ended it, and, above these, the exit code. */
const SIGNAL_BITS = 0x7f;

export interface End {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

function fieldsOf(pid: number): string[] | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // proc(5): pid (comm) state ppid …; comm may hold spaces and parentheses.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** When a process started, in ticks since the machine did; undefined if it has gone. */
export function startTimeOf(pid: number): string | undefined {
  return fieldsOf(pid)?.[START_TIME];
}

/** Whether `pid` is the process that started then, and lives. */
export function isSameProcess(pid: number, startTime: string | undefined): boolean {
  const fields = fieldsOf(pid);
  return fields !== undefined && fields[START_TIME] === startTime && !isZombie(fields);
}

/** How a process has ended that its parent has not reaped; undefined unless it is such a one. */
export function endOfZombie(pid: number, startTime: string | undefined): End | undefined {
  const fields = fieldsOf(pid);
  if (fields === undefined || fields[START_TIME] !== startTime || !isZombie(fields)) {
    return undefined;
  }
  const status = Number(fields[WAIT_STATUS]);
  const signal = status & SIGNAL_BITS;
  if (signal === 0) return { exitCode: status >> 8, signal: null };
  const [name] = Object.entries(constants.signals).find(([, number]) => number === signal) ?? [];
  return { exitCode: null, signal: name ?? `SIG${signal}` };
}

function isZombie(fields: readonly string[]): boolean {
  return fields[STATE] === 'Z' || fields[STATE] === 'X';
}
