/** Calls that a pool never gives to a worker are told of and counted as all others. */
import { tracingChannel } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { CallMessage } from '../../../src/node/observe/traced-call.js';
import { nativeClient } from '../support/launch.js';
import { errorOf } from '../support/waiting.js';

const channel = tracingChannel<unknown, CallMessage>('synapse-worker:call');
let told: string[] = [];
const on = (name: string) => () => told.push(name);
const subscribers = {
  ...{ start: on('start'), end: on('end'), error: on('error') },
  ...{ asyncStart: on('asyncStart'), asyncEnd: on('asyncEnd') },
} as never;
afterEach(() => {
  channel.unsubscribe(subscribers);
  told = [];
});

const FAILED = ['start', 'end', 'error', 'asyncStart', 'asyncEnd'];

describe('A call that is refused', () => {
  it('because its signal was aborted before, has all its messages and is counted', async () => {
    const client = await nativeClient();
    channel.subscribe(subscribers);
    const signal = AbortSignal.abort();
    expect((await errorOf(client.call('echo', [1], {}, { signal }))).code).toBe('CALL_CANCELLED');
    expect(told).toEqual(FAILED);
    const { submitted, failed, failures } = client.stats();
    expect({ submitted, failed, failures }).toEqual({
      ...{ submitted: 1, failed: 1 },
      failures: { CALL_CANCELLED: 1 },
    });
  });

  it('because the client is closed, has all its messages and is counted', async () => {
    const client = await nativeClient();
    await client.close();
    channel.subscribe(subscribers);
    expect((await errorOf(client.call('echo', [1]))).code).toBe('CLOSED');
    expect(told).toEqual(FAILED);
    expect(client.stats().failures).toEqual({ CLOSED: 1 });
    const stream = client.stream('count', [1]);
    expect((await errorOf(stream.next())).code).toBe('CLOSED');
    expect(told).toEqual([...FAILED, ...FAILED]);
    await client.close();
  });
});
