// Makes small calls with one worker and counts what they take of Node: bytes, promises, ticks, timers, writes.
// Prints, for calls one at a time and for 64 at a time, how much of each there is to a call or to a burst.
import { createHook } from 'node:async_hooks';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

// Before the package loads: it takes what it finds.
let writes = 0;
const { writeSync } = fs;
fs.writeSync = (...args) => {
  writes += 1;
  return writeSync(...args);
};
syncBuiltinESMExports();
const { connect } = await import('synapse-worker');

const IN_FLIGHT = 64;
const WARM_UP = 20_000;
const COUNTED = 4_096;

const client = await connect(process.argv[2]);
const args = ['a small value'];
// No `async` function of its own: what is counted is the client's.
const call = () => client.call('echo', args);

async function alone(calls) {
  for (let made = 0; made < calls; made += 1) await call();
}

async function together(calls) {
  const burst = new Array(IN_FLIGHT);
  for (let made = 0; made < calls; made += IN_FLIGHT) {
    for (let i = 0; i < IN_FLIGHT; i += 1) burst[i] = call();
    for (let i = 0; i < IN_FLIGHT; i += 1) await burst[i];
  }
}

async function bytesOf(run) {
  globalThis.gc();
  const before = process.memoryUsage().heapUsed;
  await run(COUNTED);
  return Math.round((process.memoryUsage().heapUsed - before) / COUNTED);
}

/** What asynchronous resources Node made, by their type. */
async function resourcesOf(run) {
  const made = {};
  const hook = createHook({
    init: (_, type) => {
      made[type] = (made[type] ?? 0) + 1;
    },
  });
  const writesBefore = writes;
  hook.enable();
  await run(COUNTED);
  hook.disable();
  return { ...made, writes: writes - writesBefore };
}

const counts = {};
for (const [name, run] of Object.entries({ alone, together })) {
  await run(WARM_UP);
  counts[name] = { bytesPerCall: await bytesOf(run), calls: COUNTED, ...(await resourcesOf(run)) };
}
await client.close();
console.log(JSON.stringify(counts));
