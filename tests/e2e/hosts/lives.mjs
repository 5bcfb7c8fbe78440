// Fifty lives in one process, then says what is left: node lives.mjs DIRECTORY MANNER
import { readdirSync, readFileSync } from 'node:fs';
import { connect, Synapse } from 'synapse-worker';

const [directory, manner] = process.argv.slice(2);
const rejections = [];
const warnings = [];
process.on('unhandledRejection', (reason) => rejections.push(String(reason)));
process.on('warning', (warning) => warnings.push(String(warning)));

const lives = {
  async synapse() {
    const synapse = new Synapse();
    await synapse.spawn(directory, 'echo');
    await synapse.call('x');
    await synapse.dispose();
  },
  async 'synapse-killed'() {
    const synapse = new Synapse();
    await synapse.spawn(directory, 'deeds');
    await synapse.call({ do: 'os_exit', code: 1 }).catch(() => undefined);
    await synapse.dispose();
  },
  async client() {
    const client = await connect(directory);
    await client.call('add', [1]);
    await client.close();
  },
  async 'client-terminated'() {
    const client = await connect(directory, { entrypoint: 'streams' });
    const iterator = client.stream('endless', ['x'])[Symbol.asyncIterator]();
    await iterator.next();
    client.call('plain', ['x'], {}, { timeoutMs: 60_000 }).catch(() => undefined);
    client
      .call('plain', ['x'], {}, { signal: new AbortController().signal })
      .catch(() => undefined);
    iterator.next().catch(() => undefined);
    await client.terminate();
  },
};

const descriptors = () => readdirSync('/proc/self/fd').length;
const children = () =>
  readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean).length;
const listeners = () =>
  Object.fromEntries(
    process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
  );
const handles = () => process.getActiveResourcesInfo().length;
const settled = async () => {
  // Closing of handles is reported by later turns of the loop; wait until two turns agree.
  for (let turn = 0, before = -1; turn < 200 && before !== handles(); turn += 1) {
    before = handles();
    await new Promise((resume) => setTimeout(resume, 10));
  }
};

for (let life = 0; life < 2; life += 1) await lives[manner]();
await settled();
const before = {
  descriptors: descriptors(),
  children: children(),
  listeners: listeners(),
  handles: handles(),
};
for (let round = 0; round < 10; round += 1) {
  await Promise.all([1, 2, 3, 4, 5].map(() => lives[manner]()));
}
await settled();
const after = listeners();
const grown = Object.keys(after).filter((name) => after[name] > (before.listeners[name] ?? 0));
console.log(
  JSON.stringify({
    descriptors: descriptors() - before.descriptors,
    children: children(),
    listeners: Object.fromEntries(grown.map((name) => [name, after[name]])),
    handles: handles() - before.handles,
    rejections,
    warnings,
  }),
);
