/** Tells whether a pid still is the process that it was (Linux). */
import { readFileSync } from 'node:fs';

/** Fields of `/proc/<pid>/stat` after the name: the state is the first, the start time the 20th. */
const STATE = 0;
const START_TIME = 19;

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
  if (fields === undefined || fields[STATE] === 'Z' || fields[STATE] === 'X') return false;
  return fields[START_TIME] === startTime;
}
