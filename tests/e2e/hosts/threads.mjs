// A worker in the main thread, another in a thread that ends without closing it: node threads.mjs DIRECTORY
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { connect } from 'synapse-worker';

if (isMainThread) {
  const directory = process.argv[2];
  const client = await connect(directory);
  const mainPid = await client.call('pid');
  const thread = new Worker(new URL(import.meta.url), { workerData: directory });
  const [threadPid] = await once(thread, 'message');
  await thread.terminate();
  const again = await client.call('pid');
  console.log(JSON.stringify({ mainPid, again, threadPid }));
  await client.close();
} else {
  const client = await connect(workerData);
  parentPort.postMessage(await client.call('pid'));
}
