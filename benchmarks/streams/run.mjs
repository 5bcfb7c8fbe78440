// How fast streams are, both ways, and that memory stays flat however many items pass:
// node --expose-gc benchmarks/streams/run.mjs [--items 10000000] [--only produce,consume]
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { connect } from '../../js/dist/esm/index.js';

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '10000000' },
    only: { type: 'string' },
  },
});
const ITEMS = Number(values.items);
const CHUNK_BYTES = 1024 * 1024;
const CHUNKS = Math.max(1, Math.round(ITEMS / 10_000));
/** A reader that pauses this often, a moment each time, is slower than any producer. */
const PAUSE_EVERY = 10_000;

const client = await connect(fileURLToPath(new URL('module', import.meta.url)));
const { pid } = client.workers[0];

function* counted(items, size) {
  const item = size === 0 ? undefined : new Uint8Array(size);
  for (let next = 0; next < items; next += 1) yield item ?? next;
}

async function* countedLater(items) {
  for (let next = 0; next < items; next += 1) yield next;
}

async function read(stream, slowly = false) {
  let count = 0;
  for await (const _ of stream) {
    count += 1;
    if (slowly && count % PAUSE_EVERY === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return count;
}

const cases = {
  produce: () => read(client.stream('produce', [ITEMS, 0])),
  'produce-later': () => read(client.stream('produce_later', [ITEMS, 0])),
  'produce-read-slowly': () => read(client.stream('produce', [ITEMS, 0]), true),
  'produce-chunks': () => read(client.stream('produce', [CHUNKS, CHUNK_BYTES])),
  consume: () => client.call('consume', [counted(ITEMS, 0)]),
  'consume-later': () => client.call('consume_later', [counted(ITEMS, 0)]),
  'consume-async': () => client.call('consume', [countedLater(ITEMS)]),
  'consume-chunks': () => client.call('consume', [counted(CHUNKS, CHUNK_BYTES)]),
  'pass-on': () => read(client.stream('passed_on', [counted(ITEMS, 0)])),
  'pass-on-later': () => read(client.stream('passed_on_later', [counted(ITEMS, 0)])),
};

/** Resident memory in MiB, of Node and of its worker, most of it since the last time. */
function watchMemory() {
  const most = { node: 0, python: 0 };
  const look = () => {
    most.node = Math.max(most.node, process.memoryUsage.rss());
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    most.python = Math.max(most.python, Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024);
  };
  look();
  const timer = setInterval(look, 50).unref();
  return () => {
    clearInterval(timer);
    look();
    return { node: most.node / 2 ** 20, python: most.python / 2 ** 20 };
  };
}

console.log('case                   items        items/s      MB/s   most MiB: Node  Python');
for (const [name, run] of Object.entries(cases)) {
  if (values.only !== undefined && !values.only.split(',').includes(name)) continue;
  globalThis.gc?.();
  const most = watchMemory();
  const start = performance.now();
  const count = await run();
  const seconds = (performance.now() - start) / 1000;
  const { node, python } = most();
  const bytes = name.endsWith('chunks') ? (count * CHUNK_BYTES) / 1e6 / seconds : 0;
  console.log(
    name.padEnd(20),
    String(count).padStart(10),
    Math.round(count / seconds)
      .toLocaleString('en')
      .padStart(12),
    (bytes > 0 ? bytes.toFixed(0) : '').padStart(9),
    node.toFixed(0).padStart(16),
    python.toFixed(0).padStart(7),
  );
}
await client.close();
