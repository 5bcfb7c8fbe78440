// The ways bytes can travel when pipes cannot be had behave like the pipes.
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Client, Synapse } from 'synapse-worker';
import { connect } from '../support/connect.js';
import { isAlive } from '../support/processes.js';
import { sharedModule } from '../support/scratch.js';
import { errorOf, eventually, within } from '../support/waiting.js';

let client: Client;
afterEach(() => client?.terminate());
const socket = { channel: 'socket' } as const;

describe('A native module over a socket', () => {
  it('answers calls, in order and many at once, while it prints', async () => {
    client = await connect(sharedModule('native'), socket);
    expect(await client.call('make_noise', ['loud'])).toBe('loud');
    const sums = await Promise.all(
      Array.from({ length: 2000 }, (_, n) => client.call('add', [n, 1], { c: 0 })),
    );
    expect(sums).toEqual(Array.from({ length: 2000 }, (_, n) => n + 1));
    const large = Buffer.alloc(16 * 1024 * 1024, 'x');
    expect((await client.call<Uint8Array>('echo', [large])).length).toBe(large.length);
  });

  it.each(['nap', 'async_nap'])('stops what is cancelled: %s', async (method) => {
    client = await connect(sharedModule('native'), socket);
    const pid = await client.call<number>('pid');
    const failure = await errorOf(client.call(method, [60], {}, { timeoutMs: 100 }));
    expect(failure.code).toBe('CALL_TIMEOUT');
    expect(await within(2000, 'the next call', client.call('pid'))).toBe(pid);
  });

  it('streams, and stops the generator of a stream that is left', async () => {
    client = await connect(sharedModule('native'), { ...socket, entrypoint: 'streams' });
    const items: number[] = [];
    for await (const item of client.stream<number>('count_to', [1000])) items.push(item);
    expect(items).toHaveLength(1000);
    for await (const _ of client.stream('endless', ['left'])) break;
    await eventually('it is closed', async () => {
      return (await client.call<{ ending: string | null }>('plain', ['left'])).ending === 'closed';
    });
  });

  it('closes gracefully', async () => {
    client = await connect(sharedModule('native'), socket);
    const pid = await client.call<number>('pid');
    const running = client.call('nap', [0.1]);
    await client.close();
    expect(await running).toBe('rested');
    expect(isAlive(pid)).toBe(false);
  });
});

describe('A raw script', () => {
  it('over a socket survives its prints', async () => {
    const synapse = new Synapse();
    await synapse.spawn(sharedModule('raw'), 'printing', socket);
    for (let calls = 1; calls <= 200; calls += 1) {
      expect(await synapse.call({ calls })).toEqual({ calls, payload: { calls } });
    }
    await synapse.dispose();
  });

  it('over its own stdin and stdout answers, as long as it prints nothing', async () => {
    const synapse = new Synapse();
    await synapse.spawn(sharedModule('raw'), 'echo', { channel: 'stdio' });
    for (let n = 0; n < 200; n += 1) expect(await synapse.call(n)).toBe(n);
    await synapse.dispose();
  });

  it('that prints into its own stdout fails clearly, and does not hang', async () => {
    const synapse = new Synapse();
    await synapse.spawn(sharedModule('raw'), 'printing', { channel: 'stdio' });
    const failure = await within(30_000, 'the call settles', errorOf(synapse.call('x')));
    expect(failure.message.length).toBeGreaterThan(10);
    await synapse.dispose();
  });
});
