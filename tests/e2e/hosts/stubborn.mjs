// Has a raw script that ignores every polite signal hang: node stubborn.mjs DIRECTORY
import { Synapse } from 'synapse-worker';

const synapse = new Synapse();
await synapse.spawn(process.argv[2], 'stubborn');
console.log('family', JSON.stringify(await synapse.call('who')));
synapse.call('hang').catch(() => undefined);
setInterval(() => undefined, 1000);
