// A client in a terminal, with a call under way at each key and at its end: node keys.mjs DIRECTORY NOTES ZYGOTE
import { appendFileSync, writeFileSync } from 'node:fs';
import { connect } from 'synapse-worker';

const [directory, notes, zygote] = process.argv.slice(2);
const note = (text) => appendFileSync(notes, `${text}\n`);

const client = await connect(directory, { entrypoint: 'peers', zygote: zygote === 'true' });
note(`worker ${await client.call('pid')}`);
for (const signal of ['SIGINT', 'SIGTSTP', 'SIGHUP']) {
  const told = `${notes}.${signal}`;
  const heard = new Promise((resolve) => process.once(signal, resolve));
  const onProgress = () => note(`${signal} awaited`);
  const call = client.call('wait_for', [told], {}, { onProgress });
  await heard;
  writeFileSync(told, '');
  await call;
  note(`${signal} ${await client.call('pid')}`);
}
await client.close();
note('closed');
