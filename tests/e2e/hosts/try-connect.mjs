// Connects and closes, or prints the error: node try-connect.mjs DIRECTORY
import { connect } from 'synapse-worker';

try {
  const client = await connect(process.argv[2]);
  await client.close();
  console.log('connected');
} catch (error) {
  const { name, code, message, retryable } = error;
  console.log(JSON.stringify({ name, code, message, retryable }));
}
