// Has a call under way that the signal which ends this process must not cost: node signalled.mjs DIRECTORY
import { connect } from 'synapse-worker';

const client = await connect(process.argv[2], {
  entrypoint: 'supervised',
  handleSignals: true,
  onLog: () => undefined,
});
const call = client.call('wait', [1]);
console.log('worker', client.workers[0].pid);
console.log('answer', JSON.stringify(await call));
setInterval(() => undefined, 1000);
