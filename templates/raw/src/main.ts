import path from 'node:path';
import { Synapse } from 'synapse-worker';

async function main(): Promise<void> {
  const python = new Synapse();
  await python.spawn(path.join(__dirname, '..'), 'main');
  python.instanceLogs.subscribe((line) => process.stderr.write(line));
  try {
    const reply = await python.call<{ doubled: number }>({ value: 21 });
    console.log(`doubled: ${reply.doubled}`);

    // A truthy "error" in the reply rejects with that value.
    await python.call({}).catch((error: unknown) => console.log('rejected:', error));
  } finally {
    await python.dispose();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
