// Calls a script that prints on every call ten thousand times: node ten-thousand.mjs DIRECTORY
import { Synapse } from 'synapse-worker';

const synapse = new Synapse();
let lines = 0;
synapse.instanceLogs.subscribe(() => {
  lines += 1;
});
await synapse.spawn(process.argv[2], 'printing');
let last = 0;
for (let burst = 0; burst < 100; burst += 1) {
  const replies = await Promise.all(
    Array.from({ length: 100 }, (_, n) => synapse.call({ n, burst })),
  );
  for (const [n, reply] of replies.entries()) {
    last += 1;
    if (reply.calls !== last || reply.payload.n !== n || reply.payload.burst !== burst) {
      throw new Error(`call ${last} got ${JSON.stringify(reply)}`);
    }
  }
}
await synapse.dispose();
console.log('calls', last);
console.log('lines', lines);
