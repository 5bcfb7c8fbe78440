// Uses a worker and forgets to close it: node forgetful.mjs DIRECTORY exit|throw|nothing|raw|call
import { connect, Synapse } from 'synapse-worker';

const [directory, manner] = process.argv.slice(2);
if (manner === 'raw') {
  const synapse = new Synapse();
  await synapse.spawn(directory, 'deeds');
  console.log((await synapse.call({ do: 'facts' })).pid);
} else {
  const client = await connect(directory);
  if (manner === 'call') {
    client.call('nap', [0.5]).then((answer) => console.log('answered', answer));
  } else {
    console.log(await client.call('pid'));
    if (manner === 'exit') process.exit(3);
    if (manner === 'throw') throw new Error('forgot to catch');
  }
}
