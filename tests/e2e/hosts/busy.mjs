// Has a worker with a child of its own do something for ever: node busy.mjs DIRECTORY '[METHOD | null, ARGS]'
import { connect } from 'synapse-worker';

const [directory, work] = process.argv.slice(2);
const [method, args] = JSON.parse(work);
const client = await connect(directory, { entrypoint: 'trouble' });
console.log('family', JSON.stringify(await client.call('group')));
if (method !== null) client.call(method, args).catch(() => undefined);
setInterval(() => undefined, 1000);
