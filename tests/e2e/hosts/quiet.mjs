// Builds, calls noisy Python, fails, and prints nothing: node quiet.mjs DIRECTORY [onLog]
import { connect } from 'synapse-worker';

const heard = [];
const options = process.argv[3] === 'onLog' ? { onLog: (record) => heard.push(record) } : {};
const client = await connect(process.argv[2], options);
await client.call('make_noise', ['loud']);
await client.call('log_something');
await client.call('fail', ['x']).catch(() => undefined);
await client.call('nap', [60], {}, { timeoutMs: 50 }).catch(() => undefined);
await client.close();
if (process.argv[3] === 'onLog' && heard.length === 0) process.exitCode = 1;
