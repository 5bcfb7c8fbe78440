/** What becomes of calls that a real worker was sent and has not begun: they go to another, and run once. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ConnectOptions } from '../../../src/node/connect/options.js';
import type { PoolClient } from '../../../src/node/connect/pool-client.js';
import { nativeClient } from '../support/launch.js';
import { errorOf, eventually, linesOf } from '../support/waiting.js';

const folder = mkdtempSync(join(tmpdir(), 'unbegun-'));
afterAll(() => rmSync(folder, { recursive: true }));

let path = '';
let files = 0;
beforeEach(() => {
  files += 1;
  path = join(folder, `marks-${files}`);
});

/** What began, in order. */
const begun = (): string[] => linesOf(path).filter((token) => token !== 'known');
const hasBegun = (token: string) => eventually(`${token} began`, () => begun().includes(token));

/** Calls that are sent ahead to one worker here. */
const AHEAD = 6;
const tokens = Array.from({ length: AHEAD }, (_, n) => `ahead ${n}`);

/** A client that knows these methods for so quick that all those are sent ahead. */
async function quick(methods: string[], options: ConnectOptions = {}): Promise<PoolClient> {
  const client = await nativeClient({ ...options, entrypoint: 'marks.py' });
  for (const method of methods) {
    await eventually(`${method} is known to be quick`, async () => {
      const calls = Array.from({ length: 3 * client.workers.length * AHEAD }, () =>
        client.call(method, [path, 'known']),
      );
      const sent = client.workers.every(({ inFlight }) => inFlight >= 2 * AHEAD);
      await Promise.all(calls);
      return sent;
    });
  }
  return client;
}

const kinds = ['mark', 'mark_in_c'] as const;

describe.each([
  ['forked', true],
  ['spawned', false],
])('Of the calls of a %s worker that is killed', (_, zygote) => {
  it.each(kinds)('those behind a long %s go to another', async (method) => {
    const client = await quick([method], { zygote });
    const pid = await client.call<number>('pid');
    const head = errorOf(client.call(method, [path, 'head', 60_000]));
    const ahead = tokens.map((token) => client.call(method, [path, token]));
    await hasBegun('head');
    expect(client.workers[0]?.inFlight).toBe(1 + AHEAD);
    process.kill(pid, 'SIGKILL');
    expect(await Promise.all(ahead)).toEqual(tokens);
    expect(await head).toMatchObject({ name: 'WorkerExitedError', maybeExecuted: true });
    expect(begun()).toEqual(['head', ...tokens]);
  });
});

describe('Of the calls of a worker that dies', () => {
  it('those behind the one it died of go to another, whatever their kind', async () => {
    const client = await quick(['mark_and_die', 'mark']);
    const before = client.call('mark', [path, 'before']);
    const deadly = errorOf(client.call('mark_and_die', [path, 'deadly', true]));
    const behind = client.call('mark', [path, 'behind']);
    const beside = client.call('mark_async', [path, 'async']);
    const streams = ['mark_items', 'mark_items_async'].map((method) =>
      client.stream<string>(method, [path, method]).next(),
    );
    const answers = await Promise.allSettled([before]);
    expect(await deadly).toMatchObject({ name: 'WorkerExitedError', maybeExecuted: true });
    expect(await Promise.all([behind, beside])).toEqual(['behind', 'async']);
    expect((await Promise.all(streams)).map(({ value }) => value)).toEqual([
      'mark_items',
      'mark_items_async',
    ]);
    // Its answer may have been lost with the worker; it did run, and once.
    for (const answer of answers) {
      if (answer.status === 'rejected') expect(answer.reason.maybeExecuted).toBe(true);
    }
    const all = ['before', 'deadly', 'behind', 'async', 'mark_items', 'mark_items_async'];
    expect(begun().sort()).toEqual(all.sort());
  });

  it('those with a function go, too, and can call it there', async () => {
    const client = await quick(['mark']);
    const pid = await client.call<number>('pid');
    const head = errorOf(client.call('mark', [path, 'head', 60_000]));
    await hasBegun('head');
    const asked: string[] = [];
    const answer = (token: string): string => {
      asked.push(token);
      return 'yes';
    };
    const ahead = client.call('mark', [path, 'ahead']);
    process.kill(pid, 'SIGKILL');
    const asking = client.call('mark_and_ask', [path, 'asks', answer]);
    expect(await Promise.all([ahead, asking])).toEqual(['ahead', 'yes']);
    await head;
    expect(asked).toEqual(['asks']);
  });

  it('those say that they have not run for which there is no other', async () => {
    const client = await quick(['mark'], { restarts: { max: 0, withinMs: 60_000 } });
    const pid = await client.call<number>('pid');
    const head = errorOf(client.call('mark', [path, 'head', 60_000]));
    const ahead = errorOf(client.call('mark', [path, 'ahead']));
    await hasBegun('head');
    process.kill(pid, 'SIGKILL');
    expect(await head).toMatchObject({ name: 'WorkerExitedError', maybeExecuted: true });
    const error = await ahead;
    expect(error).toMatchObject({ name: 'WorkerExitedError', maybeExecuted: false, attempts: 0 });
    expect(error).toMatchObject({ retryable: true, signal: 'SIGKILL', reason: 'killed' });
    expect(error.cause).toMatchObject({ code: 'CIRCUIT_OPEN' });
    expect(error.message).toContain('The call of "mark" had not begun there.');
    expect(begun()).toEqual(['head']);
  });
});

describe('Calls behind one that turns out long', () => {
  it.each(kinds)('go to another worker while %s runs', async (method) => {
    const client = await quick([method], { workers: 2 });
    const give = new AbortController();
    const head = errorOf(client.call(method, [path, 'head', 60_000], {}, { signal: give.signal }));
    const ahead = tokens.map((token) => client.call<string>(method, [path, token]));
    expect(client.workers.every(({ inFlight }) => inFlight > 1)).toBe(true);
    // The head is there yet, or the test would not have come so far.
    expect((await Promise.all(ahead)).sort()).toEqual(tokens);
    expect(client.workers.map(({ inFlight }) => inFlight).sort()).toEqual([0, 1]);
    give.abort();
    expect((await head).name).toBe('AbortError');
    expect(begun().sort()).toEqual([...tokens, 'head']);
  });

  it('go to a worker that is started for them', async () => {
    const client = await quick(['mark'], { workers: { min: 1, max: 2, idleTimeoutMs: 50 } });
    await eventually('there is one again', () => client.workers.length === 1);
    const give = new AbortController();
    const options = { signal: give.signal };
    const head = errorOf(client.call('mark', [path, 'head', 60_000], {}, options));
    const ahead = tokens.map((token) => client.call<string>('mark', [path, token]));
    expect(client.workers).toHaveLength(1);
    expect(await Promise.all(ahead)).toEqual(tokens);
    expect(client.workers).toHaveLength(2);
    give.abort();
    await head;
  });

  it('take what they wait for with them when they were given up', async () => {
    const client = await quick(['mark'], { workers: 2 });
    const give = new AbortController();
    const head = errorOf(client.call('mark', [path, 'head', 60_000]));
    const options = { signal: give.signal };
    const ahead = tokens.map((token) => errorOf(client.call('mark', [path, token], {}, options)));
    give.abort();
    for (const error of await Promise.all(ahead)) expect(error.name).toBe('AbortError');
    await eventually('they hold no place any more', () => {
      const held = client.workers.reduce((sum, { inFlight }) => sum + inFlight, 0);
      return held === 1;
    });
    const [busy] = client.workers.filter(({ inFlight }) => inFlight === 1);
    process.kill(busy?.pid ?? 0, 'SIGKILL');
    await head;
  });

  it('leave a worker that is being replaced', async () => {
    const client = await quick(['mark'], { closeTimeoutMs: 100 });
    const give = new AbortController();
    const options = { signal: give.signal };
    const head = errorOf(client.call('mark', [path, 'head', 60_000], {}, options));
    const ahead = tokens.map((token) => client.call<string>('mark', [path, token]));
    await hasBegun('head');
    await client.reload();
    expect(await Promise.all(ahead)).toEqual(tokens);
    expect(client.workers.map(({ state }) => state).sort()).toEqual(['draining', 'ready']);
    give.abort();
    await head;
  });
});

describe('A call that claims not to have begun', () => {
  it('is not made again: what its worker wrote down counts', async () => {
    const client = await quick([]);
    const error = await errorOf(client.call('mark_and_claim_not_to_have_begun', [path, 'once']));
    expect(error).toMatchObject({ code: 'CLOSED', details: { begun: false } });
    expect(begun()).toEqual(['once']);
    expect(client.workers).toMatchObject([{ state: 'ready' }]);
  });
});
