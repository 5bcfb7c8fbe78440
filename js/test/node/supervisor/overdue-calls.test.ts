/**
 * What becomes of calls that were sent ahead of their turn and have waited too long: those that their real
 * worker has begun run on, and those that are told so have not begun and never do.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { CallOptions } from '../../../src/core/client/client.js';
import type { PoolClient } from '../../../src/node/connect/pool-client.js';
import { CallLedger } from '../../../src/node/supervisor/connection/call-ledger.js';
import { nativeClient } from '../support/launch.js';
import { errorOf, eventually, linesOf } from '../support/waiting.js';

const folder = mkdtempSync(join(tmpdir(), 'overdue-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  jest.restoreAllMocks();
});

let path = '';
let files = 0;
beforeEach(() => {
  files += 1;
  path = join(folder, `marks-${files}`);
});

/** What began, in order. */
const begun = (): string[] => linesOf(path);
const tokens = Array.from({ length: 6 }, (_, n) => `ahead ${n}`);

interface Behind {
  /** A call that has the main thread. */
  readonly head: Promise<unknown>;
  readonly giveUp: () => void;
  /** What was sent behind it. */
  readonly ahead: Promise<PromiseSettledResult<unknown>[]>;
}

type Send = (client: PoolClient, token: string, options: CallOptions) => Promise<unknown>;

const sends: [string, Send][] = [
  ['mark', (client, token, options) => client.call('mark', [path, token], {}, options)],
  ['mark_async', (client, token, options) => client.call('mark_async', [path, token], {}, options)],
  [
    'mark_items',
    async (client, token, options) => {
      for await (const item of client.stream('mark_items', [path, token], {}, options)) return item;
      return undefined;
    },
  ],
];

/** Has the worker at a call of so many milliseconds, with others behind it. */
async function behind(
  client: PoolClient,
  milliseconds: number,
  send: Send,
  options: CallOptions,
): Promise<Behind> {
  for (;;) {
    // So many that what was slow before counts for nothing.
    const known = Array.from({ length: 80 }, () =>
      client.call('mark', [join(folder, 'known'), '']),
    );
    await Promise.all(known);
    files += 1;
    path = join(folder, `marks-${files}`);
    const give = new AbortController();
    const giveUp = (): void => give.abort();
    const { signal } = give;
    const head = client.call('mark', [path, 'head', milliseconds], {}, { signal });
    const ended = head.catch((error: unknown) => error);
    const ahead = Promise.allSettled(tokens.map((token) => send(client, token, options)));
    const [worker] = client.workers;
    if (worker?.inFlight === 1 + tokens.length) {
      await eventually('the head began', () => begun().includes('head'));
      return { head: ended, giveUp, ahead };
    }
    // On a busy machine nothing is quick for a while.
    giveUp();
    await Promise.all([ended, ahead]);
  }
}

/** Lets nothing be read here until then. */
function block(until: () => boolean): void {
  const end = Date.now() + 30_000;
  while (!until()) if (Date.now() > end) throw new Error('It never came about.');
}

describe.each(sends)('Those of %s that waited too long behind another call', (_, send) => {
  it('have an answer if they had begun, though nothing of it was read before', async () => {
    const client = await nativeClient({ entrypoint: 'marks.py' });
    const { head, ahead } = await behind(client, 300, send, { queueTimeoutMs: 1500 });
    const end = performance.now() + 1500;
    // From there timers are the next to come, before anything is read.
    await new Promise(setImmediate);
    block(() => begun().length === 1 + tokens.length && performance.now() > end);
    expect(await head).toBe('head');
    expect(await ahead).toEqual(tokens.map((value) => ({ status: 'fulfilled', value })));
  });

  it('never begin if they had not', async () => {
    const client = await nativeClient({ entrypoint: 'marks.py' });
    const { head, giveUp, ahead } = await behind(client, 60_000, send, { queueTimeoutMs: 1000 });
    for (const answer of await ahead) {
      expect(answer).toMatchObject({ status: 'rejected', reason: { clock: 'queue' } });
      const { message } = (answer as PromiseRejectedResult).reason as Error;
      expect(message).toContain('was not begun by a worker within 1000 ms (queueTimeoutMs)');
      expect(message).not.toContain('as far as is known');
    }
    // They hold no place any more, and nobody has to be stopped.
    expect(client.workers).toMatchObject([{ state: 'busy', inFlight: 1 }]);
    giveUp();
    await head;
    expect(await client.call('mark', [path, 'after'])).toBe('after');
    expect(begun()).toEqual(['head', 'after']);
  });
});

it('Where a worker cannot be asked nobody is told that a call was not begun', async () => {
  jest.spyOn(CallLedger, 'open').mockReturnValue(undefined);
  const client = await nativeClient({ entrypoint: 'marks.py' });
  const [, send] = sends[0] as [string, Send];
  const { head, giveUp, ahead } = await behind(client, 60_000, send, { queueTimeoutMs: 1000 });
  for (const answer of await ahead) {
    const { message } = (answer as PromiseRejectedResult).reason as Error;
    expect(message).toContain('was not known to be begun by a worker within 1000 ms');
    expect(message).toContain('as far as is known: one has it, and may have begun it');
  }
  giveUp();
  await head;
  expect((await errorOf(client.call('none'))).name).not.toBe('CallTimeoutError');
});
