// A worker whose child has left for a group or session of its own: node strays.mjs DIRECTORY group|session MANNER
import { connect } from 'synapse-worker';

const [directory, where, manner] = process.argv.slice(2);
const client = await connect(directory, { entrypoint: 'families' });
console.log('family', JSON.stringify(await client.call('family_with_strays', [where])));
console.log('zygote', JSON.stringify(client.stats().zygote.state));
if (manner === 'exit') process.exit(0);
if (manner === 'close') await client.close();
if (manner === 'terminate') await client.terminate();
if (manner === 'stay') setInterval(() => undefined, 1000);
