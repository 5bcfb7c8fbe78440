// Tens of thousands of calls, then says how the processes have grown: node many-calls.mjs DIRECTORY
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { connect } from 'synapse-worker';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');
const heapBytes = () => {
  collectGarbage();
  return process.memoryUsage().heapUsed;
};
const residentBytes = (pid) =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
const client = await connect(process.argv[2]);
const pid = await client.call('pid');
const round = async () => {
  for (let burst = 0; burst < 50; burst += 1) {
    await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        client.call('echo', [{ n, text: 'x'.repeat(500) }], {}, { timeoutMs: 10_000 }),
      ),
    );
  }
};
await round();
const before = [heapBytes(), residentBytes(pid)];
for (let n = 0; n < 3; n += 1) await round();
console.log(
  JSON.stringify({
    grownBytes: heapBytes() - before[0],
    workerGrownBytes: residentBytes(pid) - before[1],
  }),
);
await client.close();
