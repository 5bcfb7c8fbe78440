// A worker with a family for each manner of living, in this thread or another: node families.mjs DIRECTORY '[MANNER, …]' [thread]
import { isMainThread, Worker } from 'node:worker_threads';
import { connect } from 'synapse-worker';

const [directory, manners, where] = process.argv.slice(2);
setInterval(() => undefined, 1000);

if (where === 'thread' && isMainThread) {
  new Worker(new URL(import.meta.url), { argv: process.argv.slice(2) });
} else {
  const lives = JSON.parse(manners);
  const client = await connect(directory, { entrypoint: 'families', workers: lives.length });
  const families = await Promise.all(
    lives.map(
      (manner) =>
        new Promise((onProgress) => {
          const call = manner === 'await' ? ['live_on_the_loop'] : ['live', [manner]];
          const [method, args = []] = call;
          client.call(method, args, {}, { onProgress }).catch(() => undefined);
        }),
    ),
  );
  console.log('families', JSON.stringify(families));
}
