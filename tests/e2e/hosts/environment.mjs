// Prints environment variables as Python sees them: node environment.mjs DIRECTORY
import { connect } from 'synapse-worker';

process.env.SYNAPSE_DRILL_LATE = 'from the program';
const client = await connect(process.argv[2]);
const names = ['SYNAPSE_DRILL_EARLY', 'SYNAPSE_DRILL_LATE', 'SYNAPSE_DRILL_NEVER'];
console.log(
  JSON.stringify(await Promise.all(names.map((name) => client.call('variable', [name])))),
);
await client.close();
