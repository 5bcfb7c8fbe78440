// Builds, calls noisy Python, fails, and prints nothing: node quiet.mjs DIRECTORY
import { connect } from 'synapse-worker';

const client = await connect(process.argv[2]);
await client.call('make_noise', ['loud']);
await client.call('log_something');
await client.call('fail', ['x']).catch(() => undefined);
await client.call('nap', [60], {}, { timeoutMs: 50 }).catch(() => undefined);
await client.close();
