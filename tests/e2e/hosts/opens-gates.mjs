// Builds an environment whose tools wait at gates that only the event loop opens: node opens-gates.mjs DIRECTORY GATES
// Each tool makes a pipe in the folder GATES and reads a line from it before it begins.
import { constants, watch } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Synapse } from 'synapse-worker';

const [, , directory, gates] = process.argv;
const opened = new Set();
const watcher = watch(gates, async (_event, name) => {
  // What is written, and that the pipe goes afterwards, are events as well.
  if (opened.has(name)) return;
  opened.add(name);
  const gate = await open(join(gates, name), constants.O_WRONLY);
  await gate.write('\n');
  await gate.close();
});
const synapse = new Synapse();
await synapse.spawn(directory, 'echo');
await synapse.dispose();
watcher.close();
console.log(JSON.stringify({ opened: opened.size }));
