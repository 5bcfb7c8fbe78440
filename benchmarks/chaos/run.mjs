// The chaos drill: calls of every kind under random faults, and an account of each.
//
//   node --expose-gc run.mjs [--calls N] [--seed N] [--in-flight N] [--faults-every MS] [--options JSON] [--directory DIR] [--json]
//
// It ends with status 1 when a call was lost, answered twice, answered with what is another's, or run twice; or when a
// process, a descriptor, a listener, a file or memory is left.
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { synapse } from '../paths.mjs';
import { NESTED } from './calls.mjs';
import { drill } from './drill.mjs';
import * as residue from './residue.mjs';

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    'in-flight': { type: 'string', default: '2000' },
    'faults-every': { type: 'string', default: '100' },
    options: { type: 'string', default: '{}' },
    directory: { type: 'string', default: fileURLToPath(new URL('module', import.meta.url)) },
    json: { type: 'boolean', default: false },
  },
});
const plan = {
  seed: Number(values.seed),
  calls: Number(values.calls),
  inFlight: Number(values['in-flight']),
  faultsEveryMs: Number(values['faults-every']),
};
/** What is compiled and cached on the way; a leak of a hundred bytes a call is above it from 100,000 calls on. */
const HEAP_BYTES_MORE = 8 * 1024 * 1024;

const alarms = [];
process.on('unhandledRejection', (reason) =>
  alarms.push(`unhandled rejection: ${reason?.stack ?? reason}`),
);
let reported = false;
process.on('exit', () => {
  if (reported) return;
  console.error(`The drill did not come to its end; seed ${plan.seed}\n${alarms.join('\n')}`);
  process.exitCode = 2;
});
process.on('uncaughtException', (error) =>
  alarms.push(`uncaught exception: ${error?.stack ?? error}`),
);
process.on('warning', (warning) => alarms.push(`warning: ${warning?.stack ?? warning}`));
const say = (text) => {
  if (!values.json) process.stderr.write(`${text}\n`);
};

/** A client that has been through all this still works, as soon as its circuit is closed again. */
async function recovers(client) {
  const end = performance.now() + 30_000;
  for (;;) {
    try {
      // The last fault may still be on its way to the worker that gets it.
      const options = { timeoutMs: 20_000, idempotent: true };
      await client.call('echo', [NESTED, 'alive'], {}, options);
      return;
    } catch (error) {
      if (error.code !== 'CIRCUIT_OPEN' || performance.now() > end) throw error;
      await new Promise((resume) => setTimeout(resume, Math.max(10, error.retryAfterMs)));
    }
  }
}

/** Waits until no call waits, for as long as a call may take; who asks looks again. */
async function emptied(client) {
  const end = performance.now() + 20_000;
  while (client.queued > 0 && performance.now() < end) {
    await new Promise((resume) => setTimeout(resume, 10));
  }
}

const { connect } = await synapse();
const mark = `${process.pid}-${Date.now()}`;
const scratch = mkdtempSync(join(tmpdir(), 'chaos-'));
// Whatever is left in temporary folders is found here, and is ours.
process.env.TMPDIR = join(scratch, 'tmp');
mkdirSync(process.env.TMPDIR);
const ledger = join(scratch, 'ledger');
const options = {
  workers: 4,
  graceMs: 200,
  // Far more workers die here than anywhere else: the circuit would be open most of the time.
  restarts: { max: 100_000 },
  env: { CHAOS_LEDGER: ledger, CHAOS_MARK: mark },
  onLog: () => undefined,
  ...JSON.parse(values.options),
};
say(`seed ${plan.seed}`);

// A client comes and goes first, so that what is loaded once is not counted as left behind.
const warmUp = await connect(values.directory, options);
await drill(warmUp, { ...plan, seed: 1, calls: 500, inFlight: 100, faultsEveryMs: 0 });
await warmUp.close();
rmSync(ledger, { force: true });
const look = () => ({
  descriptors: residue.descriptors(),
  children: residue.children(),
  listeners: residue.listeners(),
  files: residue.temporaryFiles(),
  marked: residue.markedProcesses(`CHAOS_MARK=${mark}`),
});
const before = await residue.settled(look);
const heapBefore = residue.heapBytes();

const started = performance.now();
const client = await connect(values.directory, options);
let { book, faults } = await drill(client, {
  ...plan,
  onTick: ({ made, open }) => say(`${made} made, ${open} open, ${client.queued} queued`),
});
const seconds = (performance.now() - started) / 1000;
const { complaints, samples } = book;
const lost = book.open;
// What callbacks called may outlive the call they came with: not begun when its worker died, it goes to the next.
if (lost === 0) await emptied(client);
const ended = { queued: client.queued, workers: client.workers };
if (lost === 0) {
  if (ended.queued !== 0) complaints.push(`${ended.queued} calls wait though all are settled`);
  await recovers(client).catch((error) => complaints.push(`the client does not work: ${error}`));
}
const closing = performance.now();
await (lost === 0 ? client.close() : client.terminate());
const closedMs = performance.now() - closing;
if (closedMs > 8000) complaints.push(`it took ${Math.round(closedMs)} ms to close`);
book.compare(ledger);
const after = await residue.settled(look);
const summary = book.summary();
const executions = statSync(ledger).size / 8;
complaints.push(...residue.leftBehind(before, after));
complaints.push(...alarms);
// The book has a page for each call, and the pages have errors.
book = undefined;
const heapGrown = residue.heapBytes() - heapBefore;
if (globalThis.gc && heapGrown > HEAP_BYTES_MORE) {
  complaints.push(`the heap has grown by ${Math.round(heapGrown / 1024)} KiB`);
}
rmSync(scratch, { recursive: true, force: true });

const report = { ...plan, seconds, executions, faults, summary, heapGrown, complaints };
if (values.json) console.log(JSON.stringify(report));
else {
  console.table(summary);
  for (const [code, message] of Object.entries(samples))
    console.log(`${code}: ${message.slice(0, 300)}`);
  console.log(
    `${plan.calls} calls in ${seconds.toFixed(1)} s; ${executions} ran in Python; faults from outside:`,
    faults,
  );
  console.log(
    `heap grown by ${Math.round(heapGrown / 1024)} KiB; closed in ${Math.round(closedMs)} ms`,
  );
  for (const complaint of complaints.slice(0, 100)) console.log(`✗ ${complaint}`);
  console.log(
    complaints.length === 0
      ? '✓ every call is accounted for, and nothing is left'
      : `${complaints.length} complaints; seed ${plan.seed}`,
  );
}
reported = true;
process.exitCode = complaints.length === 0 ? 0 : 1;
