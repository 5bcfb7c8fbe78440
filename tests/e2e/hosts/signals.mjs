// A client that handles signals, with a call under way: node signals.mjs DIRECTORY NOTES SECONDS [listens]
import { connect } from 'synapse-worker';

const [directory, notes, seconds, own] = process.argv.slice(2);
if (own === 'listens') process.on('SIGTERM', () => console.log('heard "it too"'));
const client = await connect(directory, {
  entrypoint: 'peers',
  handleSignals: true,
  env: { PEERS_TEARDOWN: notes },
  closeTimeoutMs: 20_000,
});
setInterval(() => undefined, 1000);
console.log('pid', await client.call('pid'));
client
  .call('nap', [Number(seconds)], {}, {})
  .then(() => console.log('call "ended"'))
  .catch((error) => console.log('call', JSON.stringify(error.code)));
// The call is on its way before anybody is told that it can be disturbed.
setImmediate(() => console.log('ready', 'true'));
