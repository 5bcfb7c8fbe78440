// Prints the names of the child_process functions used to spawn a ready module: node count-spawns.mjs DIRECTORY
import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';

const used = [];
for (const name of ['spawn', 'exec', 'execFile', 'fork', 'spawnSync', 'execSync', 'execFileSync']) {
  const original = childProcess[name];
  childProcess[name] = (...args) => {
    used.push(name);
    return original(...args);
  };
}
syncBuiltinESMExports();
const { Synapse } = await import('synapse-worker');
const synapse = new Synapse();
await synapse.spawn(process.argv[2], 'echo');
await synapse.call(1);
await synapse.dispose();
console.log(JSON.stringify(used));
