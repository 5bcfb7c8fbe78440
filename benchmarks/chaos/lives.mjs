// Thousands of worker lives in one process, ended in every way there is, and what is left of them.
//
//   node --expose-gc lives.mjs [--lives N] [--seed N] [--options JSON] [--directory DIR] [--json]
//
// It ends with status 1 when a process, a zombie, a descriptor, a listener, a temporary file or memory is left.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { synapse } from '../paths.mjs';
import { randomOf } from './random.mjs';
import * as residue from './residue.mjs';

const { values } = parseArgs({
  options: {
    lives: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    options: { type: 'string', default: '{}' },
    directory: { type: 'string', default: fileURLToPath(new URL('module', import.meta.url)) },
    json: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
const random = randomOf(seed);
const HEAP_BYTES_MORE = 8 * 1024 * 1024;
/** One client sees so many workers come and go before it is closed. */
const LIVES_OF_A_CLIENT = 50;

const scratch = mkdtempSync(join(tmpdir(), 'lives-'));
process.env.TMPDIR = join(scratch, 'tmp');
mkdirSync(process.env.TMPDIR);
const mark = `${process.pid}-${Date.now()}`;
const alarms = [];
process.on('unhandledRejection', (reason) => alarms.push(`unhandled rejection: ${reason?.stack}`));
process.on('warning', (warning) => alarms.push(`warning: ${warning?.stack}`));
const say = (text) => {
  if (!values.json) process.stderr.write(`${text}\n`);
};

const { connect } = await synapse();
const options = {
  workers: 2,
  graceMs: 200,
  restarts: { max: 100_000 },
  env: { CHAOS_LEDGER: join(scratch, 'ledger'), CHAOS_MARK: mark },
  onLog: () => undefined,
  ...JSON.parse(values.options),
};

const WAYS = {
  exit: 4,
  'exit 0': 1,
  SIGKILL: 4,
  SIGSEGV: 2,
  SIGTERM: 2,
  'from outside': 4,
  'from outside, idle': 2,
  'will not stop': 1,
};
const ends = {};

/** Ends one worker of the client. */
async function endOne(client, number) {
  const way = random.weighted(WAYS);
  ends[way] = (ends[way] ?? 0) + 1;
  const ignored = (promise) => promise.catch(() => undefined);
  const kill = ({ pid }) => {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has gone by itself.
    }
  };
  if (way === 'from outside, idle') {
    const worker = random.pick(client.workers.filter(({ pid }) => pid !== undefined));
    if (worker !== undefined) kill(worker);
  } else if (way === 'from outside') {
    const calls = ['nap', 'later', 'burn'].map((method) => client.call(method, [number, 0.02]));
    for (const worker of client.workers) if (worker.inFlight > 0) kill(worker);
    await Promise.all(calls.map(ignored));
  } else if (way === 'will not stop') {
    await ignored(client.call('hang', [number, 'swallow'], {}, { timeoutMs: 30 }));
  } else {
    await ignored(client.call('die', [number, way]));
  }
}

let lives = 0;
async function lifeOfAClient(count) {
  const client = await connect(values.directory, options);
  const off = client.on('workerExit', () => {
    lives += 1;
  });
  for (let n = 0; n < count; n += 1) await endOne(client, n);
  if (random.chance(0.5)) await client.close();
  else await client.terminate();
  off();
}

await lifeOfAClient(10);
lives = 0;
const look = () => ({
  descriptors: residue.descriptors(),
  children: residue.children(),
  listeners: residue.listeners(),
  files: residue.temporaryFiles(),
  marked: residue.markedProcesses(`CHAOS_MARK=${mark}`),
});
const before = await residue.settled(look);
const heapBefore = residue.heapBytes();
const residentBefore = process.memoryUsage.rss();
const started = performance.now();
while (lives < Number(values.lives)) {
  await lifeOfAClient(LIVES_OF_A_CLIENT);
  say(`${lives} lives, ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB resident`);
}
const seconds = (performance.now() - started) / 1000;
const after = await residue.settled(look);
const heapGrown = residue.heapBytes() - heapBefore;
const complaints = [...residue.leftBehind(before, after), ...alarms];
if (globalThis.gc && heapGrown > HEAP_BYTES_MORE) {
  complaints.push(`the heap has grown by ${Math.round(heapGrown / 1024)} KiB`);
}
rmSync(scratch, { recursive: true, force: true });

const residentGrown = process.memoryUsage.rss() - residentBefore;
const report = { seed, lives, seconds, ends, heapGrown, residentGrown, complaints };
if (values.json) console.log(JSON.stringify(report));
else console.log(report);
process.exitCode = complaints.length === 0 ? 0 : 1;
