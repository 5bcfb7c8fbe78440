// What a process has, to be compared before and after: descriptors, children, memory, files, and every process of the
// system that carries the mark of this drill.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';

const entries = (folder) => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};
const read = (file) => {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
};
const target = (link) => {
  try {
    return readlinkSync(link).replace(/\d+/g, 'N');
  } catch {
    return undefined; // the one that read the folder
  }
};

/** How many descriptors there are of each sort. */
export function descriptors() {
  const counts = {};
  for (const fd of entries('/proc/self/fd')) {
    const sort = target(`/proc/self/fd/${fd}`);
    if (sort !== undefined) counts[sort] = (counts[sort] ?? 0) + 1;
  }
  return counts;
}

/** The processes of the whole system whose environment holds `NAME=VALUE`, zombies excepted. */
export function markedProcesses(mark) {
  return entries('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => read(`/proc/${pid}/environ`).split('\0').includes(mark))
    .map((pid) => `${pid} ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').slice(0, 100)}`);
}

/** Children of this process, dead ones that nobody has waited for included. */
export function children() {
  return entries('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      const stat = read(`/proc/${pid}/stat`);
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return { pid: Number(pid), state, parent: Number(parent) };
    })
    .filter(({ parent }) => parent === process.pid)
    .map(({ pid, state }) => `${pid} ${state}`);
}

export function listeners() {
  return Object.fromEntries(
    process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
  );
}

/** Files in the temporary folder of this process, and in shared memory. */
export function temporaryFiles() {
  const shared = entries('/dev/shm').filter((name) => name.includes('synapse'));
  return [...entries(tmpdir()), ...shared.map((name) => `/dev/shm/${name}`)];
}

/** Bytes in use after everything that can go has gone (run Node with --expose-gc). */
export function heapBytes() {
  for (let round = 0; round < 3; round += 1) globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

/** Asks again until two answers in a row agree: handles close in later turns of the loop. */
export async function settled(ask) {
  for (let turn = 0, before; turn < 300; turn += 1) {
    const now = JSON.stringify(ask());
    if (now === before) return JSON.parse(now);
    before = now;
    await new Promise((resume) => setTimeout(resume, 20));
  }
  return ask();
}

/** What is there after and was not before, a sentence for each sort of thing. */
export function leftBehind(before, after) {
  return Object.entries(after)
    .map(([what, now]) => [what, difference(before[what], now)])
    .filter(([, left]) => left.length > 0)
    .map(([what, left]) => `left behind, ${what}: ${left.join(', ')}`);
}

function difference(was, is) {
  if (Array.isArray(is)) return is.filter((item) => !was.includes(item));
  const more = Object.keys(is).filter((key) => is[key] > (was[key] ?? 0));
  return more.map((key) => `${key} ${was[key] ?? 0} → ${is[key]}`);
}
