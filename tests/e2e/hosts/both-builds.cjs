// Uses the CommonJS build, and shows its errors to the other one: node both-builds.cjs DIRECTORY
const { connect, SynapseError } = require('synapse-worker');

(async () => {
  const other = await import('synapse-worker');
  const client = await connect(process.argv[2]);
  const sum = await client.call('add', [1]);
  const failure = await client.call('no such').catch((error) => error);
  await client.close();
  const recognised = [SynapseError.is(failure), other.SynapseError.is(failure)];
  console.log(JSON.stringify({ sum, recognised, code: failure.code }));
})();
