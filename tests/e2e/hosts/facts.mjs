// Prints what a raw script says of its world: node facts.mjs DIRECTORY
import { Synapse } from 'synapse-worker';

const synapse = new Synapse();
await synapse.spawn(process.argv[2], 'deeds');
console.log(JSON.stringify(await synapse.call({ do: 'facts' })));
await synapse.dispose();
