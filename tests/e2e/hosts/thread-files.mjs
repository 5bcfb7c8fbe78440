// A thread closes its client and ends later; whose files does it take along? node thread-files.mjs DIRECTORY
import { once } from 'node:events';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { connect } from 'synapse-worker';

if (isMainThread) {
  const thread = new Worker(new URL(import.meta.url), { workerData: process.argv[2] });
  const [pid] = await once(thread, 'message');
  // They get the lowest free numbers: those that the client has given back among them.
  const files = Array.from({ length: 64 }, () => openSync(process.execPath, 'r'));
  thread.postMessage('end');
  await once(thread, 'exit');
  console.log(JSON.stringify({ pid, lost: files.filter((file) => !isOpen(file)).length }));
  for (const file of files.filter(isOpen)) closeSync(file);
} else {
  const client = await connect(workerData);
  const pid = await client.call('pid');
  await client.close();
  parentPort.once('message', () => parentPort.close());
  parentPort.postMessage(pid);
}

function isOpen(file) {
  try {
    fstatSync(file);
    return true;
  } catch {
    return false;
  }
}
