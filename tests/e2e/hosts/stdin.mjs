// Lets Python read standard input, then reads its own: node stdin.mjs DIRECTORY
import { connect } from 'synapse-worker';

const client = await connect(process.argv[2]);
console.log('worker read', JSON.stringify(await client.call('read_input')));
let text = '';
for await (const chunk of process.stdin) text += chunk;
console.log('host read', JSON.stringify(text));
await client.close();
