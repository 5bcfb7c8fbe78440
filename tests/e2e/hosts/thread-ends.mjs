// Clients in a thread that ends in some manner while its worker is busy: node thread-ends.mjs DIRECTORY exit|throw|terminate|end
import { once } from 'node:events';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { connect } from 'synapse-worker';

const [directory, manner] = process.argv.slice(2);
if (isMainThread) {
  const thread = new Worker(new URL(import.meta.url), { argv: [directory, manner] });
  thread.on('error', () => undefined);
  const [family] = await once(thread, 'message');
  console.log('family', JSON.stringify(family));
  if (manner === 'terminate') await thread.terminate();
  else if (manner !== 'end') await once(thread, 'exit').catch(() => undefined);
  console.log('over', 'true');
  // This thread, and the process, go on.
  setInterval(() => undefined, 1000);
} else {
  const client = await connect(directory, { entrypoint: 'families' });
  await new Promise((onProgress) => {
    client
      .call(
        'live',
        ['spin'],
        {},
        { onProgress: (family) => onProgress(parentPort.postMessage(family)) },
      )
      .catch(() => undefined);
  });
  if (manner === 'exit') process.exit(0);
  if (manner === 'throw') throw new Error('on purpose');
  if (manner === 'end') await client.terminate();
}
