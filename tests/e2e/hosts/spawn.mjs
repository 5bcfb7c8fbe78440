// Spawns a raw module with the drop-in class, calls it once, disposes of it: node spawn.mjs DIRECTORY ENTRYPOINT
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Synapse } from 'synapse-worker';

const [directory, entrypoint] = process.argv.slice(2);
const synapse = new Synapse();
await synapse.spawn(directory, entrypoint);
console.log('venv', JSON.stringify(statSync(join(directory, '.venv')).ino));
console.log('reply', JSON.stringify(await synapse.call('hello')));
await synapse.dispose();
