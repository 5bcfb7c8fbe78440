// Builds an environment and says how long the event loop stood still at most: node loop-delay.mjs DIRECTORY
import { Synapse } from 'synapse-worker';

let longestGapMs = 0;
let last = performance.now();
const watch = setInterval(() => {
  const now = performance.now();
  longestGapMs = Math.max(longestGapMs, now - last);
  last = now;
}, 5);
const start = performance.now();
const synapse = new Synapse();
await synapse.spawn(process.argv[2], 'echo');
const buildMs = performance.now() - start;
clearInterval(watch);
await synapse.dispose();
console.log(JSON.stringify({ longestGapMs, buildMs }));
