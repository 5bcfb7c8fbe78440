// Buffers of 512 KiB and more go through memory that Node and the worker share; whatever happens to either, bytes are
// right, calls settle, and nothing of it is left.
import { execFileSync } from 'node:child_process';
import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Client, NdArray } from 'synapse-worker';
import { connect } from '../support/connect.js';
import { sharedModule } from '../support/scratch.js';
import { errorOf, eventually } from '../support/waiting.js';

const MIB = 1024 * 1024;
const folder = sharedModule('values');
const options = { entrypoint: 'large.py', workers: 1 };

/** Bytes that differ from place to place, and from seed to seed. */
function pattern(size: number, seed = 0): Uint8Array {
  const words = new Uint32Array(Math.ceil(size / 4));
  for (let at = 0; at < words.length; at++) words[at] = Math.imul(at + seed * 7919, 2_654_435_761);
  return new Uint8Array(words.buffer, 0, size);
}
const equal = (left: unknown, right: Uint8Array): boolean =>
  left instanceof Uint8Array && Buffer.compare(left, right) === 0;

/** The bytes that the memory of a worker takes, by direction; nothing where it has none open. */
function memoryOf(pid: number | string): Record<string, number> {
  const sizes: Record<string, number> = {};
  for (const fd of readdirSync(`/proc/${pid}/fd`)) {
    const path = `/proc/${pid}/fd/${fd}`;
    const name = /memfd:synapse-(shared_\w+)/.exec(linkOf(path))?.[1];
    if (name !== undefined) sizes[name] = statSync(path).blocks * 512;
  }
  return sizes;
}
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // closed meanwhile
  }
}
const sharedByUs = (): number => Object.keys(memoryOf('self')).length;

describe.each([['forked'], ['spawned']])('Between Node and a worker that was %s', (how) => {
  let client: Client;
  let pid: number;
  beforeAll(async () => {
    client = await connect(folder, { ...options, zygote: how === 'forked' });
    pid = (await client.call('worker_pid')) as number;
  }, 300_000);
  afterAll(() => client.close());

  it('large bytes go through shared memory, and the memory is given back after a while', async () => {
    const [small, large] = [pattern(MIB / 2 - 1), pattern(40 * MIB + 3)];
    expect(memoryOf(pid)).toEqual({ shared_input: 0, shared_output: 0 });
    expect(equal(await client.call('echo', [small]), small)).toBe(true);
    expect(memoryOf(pid)).toEqual({ shared_input: 0, shared_output: 0 });
    expect(equal(await client.call('echo', [large]), large)).toBe(true);
    const { shared_input: up, shared_output: down } = memoryOf(pid);
    expect(up).toBeGreaterThanOrEqual(large.length);
    expect(down).toBeGreaterThanOrEqual(large.length);
    await eventually('both are given back but for a little', () => {
      const { shared_input: up, shared_output: down } = memoryOf(pid);
      return up! <= 4096 + 4 * MIB && down! <= 4096 + 4 * MIB;
    });
    expect(equal(await client.call('echo_later', [large]), large)).toBe(true);
  });

  it('arrays, several segments in one value, and those beside small ones are whole', async () => {
    const array = new NdArray(new Uint16Array(pattern(16 * MIB).buffer), [2048, 4096]);
    const same = (await client.call('echo', [array])) as NdArray;
    expect([same.dtype, same.shape]).toEqual(['uint16', [2048, 4096]]);
    expect(Buffer.from(same.data.buffer).equals(pattern(16 * MIB))).toBe(true);
    const parts = [pattern(9 * MIB, 1), pattern(70_001, 2), pattern(3, 3), pattern(5 * MIB, 4)];
    const back = (await client.call('echo', [{ parts }])) as { parts: unknown[] };
    expect(back.parts.map((part, n) => equal(part, parts[n]!))).toEqual([true, true, true, true]);
  });

  it('many at a time in both directions are not mixed, nor with small calls', async () => {
    const sizes = [9, 1, 20, 8, 0.2, 12, 30, 8, 0.01, 16].map((mib) => Math.round(mib * MIB));
    const echoed = await Promise.all(
      sizes.flatMap((size, n) => {
        const bytes = pattern(size, n);
        return ['echo', 'echo_later'].map(async (method) =>
          equal(await client.call(method, [bytes]), bytes),
        );
      }),
    );
    expect(echoed.every(Boolean)).toBe(true);
  });

  it('functions among the arguments are given large values, and give some', async () => {
    const bytes = pattern(9 * MIB);
    const back = await client.call('through', [
      bytes,
      (value: Uint8Array) => (equal(value, bytes) ? value.slice().reverse() : 'other bytes'),
    ]);
    expect(equal(back, bytes.slice().reverse())).toBe(true);
  });

  it('no more calls than may run at once are begun, whatever their arguments', async () => {
    const bytes = pattern(MIB);
    const among = await Promise.all(Array.from({ length: 9 }, () => client.call('alone', [bytes])));
    expect(among).toEqual(Array.from({ length: 9 }, () => 1));
  });

  it('a call that is given up on its way leaves the memory in order for the next', async () => {
    const bytes = pattern(24 * MIB);
    for (let round = 0; round < 20; round++) {
      const abort = new AbortController();
      const given = client.call('echo', [bytes], {}, { signal: abort.signal });
      if (round % 2 === 0) setImmediate(() => abort.abort());
      else abort.abort();
      expect((await errorOf(given)).code).toBe('CALL_CANCELLED');
    }
    expect(equal(await client.call('echo', [bytes]), bytes)).toBe(true);
  });
});

it('A worker that dies amid a result fails that call, and another serves those that waited', async () => {
  const before = sharedByUs(); // by other tests of this process
  const client = await connect(folder, options);
  try {
    const bytes = pattern(16 * MIB);
    for (let round = 0; round < 5; round++) {
      const dying = errorOf(client.call('shout', [64 * MIB]));
      const waiting = client.call('echo', [bytes]);
      expect(await dying).toMatchObject({ code: 'WORKER_EXITED', maybeExecuted: true });
      expect(equal(await waiting, bytes)).toBe(true);
    }
  } finally {
    await client.close();
  }
  await eventually('Node holds no memory of those workers', () => sharedByUs() <= before);
});

it('An answer that was under way when the client was closed is right or its call rejects', async () => {
  const before = sharedByUs();
  const bytes = pattern(32 * MIB);
  for (let round = 0; round < 5; round++) {
    const client = await connect(folder, options);
    const pid = (await client.call('worker_pid')) as number;
    const call = client.call('echo', [bytes]).then(
      (back) => equal(back, bytes),
      (error: { code: string }) => error.code,
    );
    const direction = round % 2 === 0 ? 'shared_input' : 'shared_output';
    await eventually('bytes are under way', () => (memoryOf(pid)[direction] ?? 1) > 0);
    await client.close({ drainMs: 0 });
    expect([true, 'CLOSED', 'CALL_CANCELLED', 'WORKER_EXITED']).toContain(await call);
  }
  await eventually('Node holds no memory of those workers', () => sharedByUs() <= before);
});

it('Where files may not be as large, buffers follow their frame', async () => {
  // A limit that holds for Node and for its worker, in bytes: half of what is sent.
  const script = `
    const { connect } = await import('synapse-worker');
    const client = await connect(process.env.MODULE, { entrypoint: 'large.py', workers: 1 });
    const bytes = new Uint8Array(16 * 1024 * 1024).fill(7);
    const back = await client.call('echo', [bytes]);
    console.log(back.length, back.every((byte) => byte === 7));
    await client.close();
  `;
  const command = `ulimit -f ${(8 * MIB) / 512} && exec "$0" --input-type=module -e "$1"`;
  const printed = execFileSync('sh', ['-c', command, process.execPath, script], {
    env: { ...process.env, MODULE: folder },
    cwd: process.cwd(),
    encoding: 'utf8',
    timeout: 120_000,
  });
  expect(printed.trim()).toBe(`${16 * MIB} true`);
});
