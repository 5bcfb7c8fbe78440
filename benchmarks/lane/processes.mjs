// What the kernel knows of this process and all that descend from it: processor time, wake-ups, memory. Linux only.
import { readdirSync, readFileSync } from 'node:fs';

/** What a file of `/proc` says; nothing when the process ended meanwhile. */
function read(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

const threadsOf = (pid) => {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
};

/** The processes that descend from one, children before their children. */
export function descendants(pid) {
  const children = threadsOf(pid).flatMap((thread) =>
    read(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number),
  );
  return children.flatMap((child) => [child, ...descendants(child)]);
}

/** Processor time of all threads of a process, in microseconds. */
export function cpuMicros(pid) {
  let nanos = 0;
  for (const thread of threadsOf(pid))
    nanos += Number(read(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0]);
  return nanos / 1000;
}

/** How often the threads of a process were woken up after they had waited. */
export function wakeUps(pid) {
  let count = 0;
  for (const thread of threadsOf(pid)) {
    const status = read(`/proc/${pid}/task/${thread}/status`);
    count += Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  }
  return count;
}

/** Resident memory of a process in MB: all of it, and its share of what it shares. */
export function memoryMb(pid) {
  const rollup = read(`/proc/${pid}/smaps_rollup`);
  const field = (name) =>
    (Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(rollup)?.[1]) * 1024) / 1e6;
  return { rss: field('Rss'), pss: field('Pss') };
}
