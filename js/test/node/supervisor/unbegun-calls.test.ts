/** What becomes of calls that a real worker was sent and has not begun: they go to another, and run once. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ConnectOptions } from '../../../src/node/connect/options.js';
import type { PoolClient } from '../../../src/node/connect/pool-client.js';
import { CallLedger } from '../../../src/node/supervisor/connection/call-ledger.js';
import { nativeClient } from '../support/launch.js';
import { errorOf, eventually, linesOf } from '../support/waiting.js';

const folder = mkdtempSync(join(tmpdir(), 'unbegun-'));
afterAll(() => rmSync(folder, { recursive: true }));

let path = '';
let files = 0;
function newFile(): void {
  files += 1;
  path = join(folder, `marks-${files}`);
}
beforeEach(newFile);

/** What began, in order. */
const begun = (): string[] => linesOf(path);
const hasBegun = (token: string) => eventually(`${token} began`, () => begun().includes(token));

const tokens = Array.from({ length: 6 }, (_, n) => `ahead ${n}`);

const clientOf = (options: ConnectOptions = {}): Promise<PoolClient> =>
  nativeClient({ ...options, entrypoint: 'marks.py' });

interface Stuck {
  /** The error of a call that takes a minute unless it is given up. */
  readonly head: Promise<{ name: string }>;
  readonly giveUp: () => void;
  /** Calls of which some were sent behind it. */
  readonly ahead: Promise<string>[];
}

/** Has each worker at something, with more behind it: the method is known to be quick, and once is not. */
async function stuck(client: PoolClient, method: string): Promise<Stuck> {
  for (;;) {
    newFile();
    // So many that what was slow before counts for nothing.
    const quick = Array.from({ length: 80 }, () =>
      client.call(method, [join(folder, 'known'), '']),
    );
    await Promise.all(quick);
    const give = new AbortController();
    const options = { signal: give.signal };
    const head = errorOf(client.call(method, [path, 'head', 60_000], {}, options));
    const ahead = tokens.map((token) => client.call<string>(method, [path, token]));
    const giveUp = (): void => give.abort();
    if (client.workers.every(({ inFlight }) => inFlight > 1)) return { head, giveUp, ahead };
    // On a busy machine nothing is quick for a while.
    giveUp();
    await Promise.all([head, ...ahead]);
  }
}

function killOne({ workers: [worker] }: PoolClient): void {
  process.kill(worker?.pid ?? 0, 'SIGKILL');
}

const kinds = ['mark', 'mark_in_c'] as const;

describe.each([
  ['forked', {}],
  ['spawned', { zygote: false }],
  ['spawned, on sockets,', { channel: 'socket' }],
] as const)('Of the calls of a %s worker that is killed', (_, options) => {
  it.each(kinds)('those behind a long %s go to another', async (method) => {
    const client = await clientOf(options);
    const { head, ahead } = await stuck(client, method);
    await hasBegun('head');
    killOne(client);
    expect(await Promise.all(ahead)).toEqual(tokens);
    expect(await head).toMatchObject({ name: 'WorkerExitedError', maybeExecuted: true });
    expect(begun()).toEqual(['head', ...tokens]);
  });
});

describe.each(['auto', 'socket'] as const)(
  'Where nothing is written down of what began, on channel %s',
  (channel) => {
    const options = { channel, graceMs: 100 };
    beforeEach(() => {
      jest.spyOn(CallLedger, 'open').mockReturnValue(undefined);
    });
    afterEach(() => {
      jest.restoreAllMocks();
    });

    it('those behind a call that cannot be stopped go to another', async () => {
      const client = await clientOf(options);
      const { head, giveUp, ahead } = await stuck(client, 'mark_stubbornly');
      await hasBegun('head');
      giveUp();
      expect(await Promise.all(ahead)).toEqual(tokens);
      expect((await head).name).toBe('AbortError');
      expect(begun()).toEqual(['head', ...tokens]);
    });

    it('those do that a worker has not even read', async () => {
      const client = await clientOf(options);
      await Promise.all(
        Array.from({ length: 80 }, () => client.call('mark', [join(folder, 'known'), ''])),
      );
      process.kill(client.workers[0]?.pid ?? 0, 'SIGSTOP');
      const head = errorOf(client.call('mark', [path, 'head'], {}, { timeoutMs: 100 }));
      const ahead = tokens.map((token) => client.call('mark', [path, token]));
      expect(await Promise.all(ahead)).toEqual(tokens);
      expect((await head).name).toBe('CallTimeoutError');
      expect(begun()).toEqual(tokens);
    });

    it('those do not that run while the answer before them cannot leave', async () => {
      const client = await clientOf(options);
      for (;;) {
        newFile();
        const quick = Array.from({ length: 80 }, () => client.call('mark_and_sum', [path, '']));
        await Promise.all(quick);
        const head = client.call('mark_and_sum', [path, 'head'], {}, { timeoutMs: 200 });
        const behind = client.call('mark_and_sum', [path, 'behind', 100_000_000]);
        const sent = client.workers[0]?.inFlight;
        await Promise.allSettled([head, behind]);
        expect(begun().filter((token) => token === 'behind')).toEqual(['behind']);
        // On a busy machine nothing is quick for a while.
        if (sent === 2) return;
      }
    });
  },
);

describe('Of the calls of a worker that dies', () => {
  /** Sends a deadly call with one before it and some behind; undefined where they did not all go to one worker at once. */
  async function sentTogether(client: PoolClient) {
    newFile();
    // So many that what was slow before counts for nothing.
    const quick = ['mark_and_die', 'mark'].flatMap((name) => Array<string>(80).fill(name));
    await Promise.all(quick.map((name) => client.call(name, [join(folder, 'known'), ''])));
    const before = client.call('mark', [path, 'before']);
    const deadly = errorOf(client.call('mark_and_die', [path, 'deadly', true]));
    const behind = client.call('mark', [path, 'behind']);
    const beside = client.call('mark_async', [path, 'async']);
    const streams = ['mark_items', 'mark_items_async'].map((method) =>
      client.stream<string>(method, [path, method]).next(),
    );
    const calls = { before, deadly, behind, beside, streams };
    if (client.workers[0]?.inFlight === 6) return calls;
    // On a busy machine nothing is quick for a while.
    await Promise.allSettled([before, deadly, behind, beside, ...streams]);
    return undefined;
  }

  it('those behind the one it died of go to another, whatever their kind', async () => {
    const client = await clientOf();
    let sent = await sentTogether(client);
    while (sent === undefined) sent = await sentTogether(client);
    const { before, deadly, behind, beside, streams } = sent;
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
    const client = await clientOf();
    const { head, ahead } = await stuck(client, 'mark');
    await hasBegun('head');
    const asked: string[] = [];
    const answer = (token: string): string => {
      asked.push(token);
      return 'yes';
    };
    const asking = client.call('mark_and_ask', [path, 'asks', answer]);
    killOne(client);
    expect(await asking).toBe('yes');
    expect(await Promise.all(ahead)).toEqual(tokens);
    await head;
    expect(asked).toEqual(['asks']);
  });

  it('those say that they have not run for which there is no other', async () => {
    const client = await clientOf({ restarts: { max: 0, withinMs: 60_000 } });
    const { head, ahead } = await stuck(client, 'mark');
    const errors = ahead.map(errorOf);
    await hasBegun('head');
    killOne(client);
    expect(await head).toMatchObject({ name: 'WorkerExitedError', maybeExecuted: true });
    const [error] = await Promise.all(errors);
    expect(error).toMatchObject({ name: 'WorkerExitedError', maybeExecuted: false, attempts: 0 });
    expect(error).toMatchObject({ retryable: true, signal: 'SIGKILL', reason: 'killed' });
    expect(error.cause).toMatchObject({ code: 'CIRCUIT_OPEN' });
    expect(error.message).toContain('The call of "mark" had not begun there.');
    expect(begun()).toEqual(['head']);
  });
});

describe('A worker at a call of a few milliseconds', () => {
  const FEW_MS = 4;

  /** Has it known how long they take. */
  async function known(client: PoolClient): Promise<void> {
    newFile();
    for (let n = 0; n < 40; n++) await client.call('mark', [join(folder, 'known'), '', FEW_MS]);
  }

  const marks = (client: PoolClient, count: number): Promise<unknown>[] =>
    Array.from({ length: count }, (_, n) => client.call('mark', [path, `${n}`, FEW_MS]));

  const held = ({ workers }: PoolClient): number[] => workers.map(({ inFlight }) => inFlight);

  /** Makes calls, again and again until each worker has this many of them: on a busy machine nothing is quick. */
  async function sent(client: PoolClient, inEach: number, milliseconds: readonly number[]) {
    for (;;) {
      await known(client);
      const give = new AbortController();
      const calls = milliseconds.map((ms, n) =>
        client.call('mark', [path, `${n}`, ms], {}, { signal: give.signal }),
      );
      if (client.workers.every(({ inFlight }) => inFlight === inEach)) {
        return { calls, giveUp: () => give.abort() };
      }
      give.abort();
      await Promise.allSettled(calls);
    }
  }

  it('has the next one there, and goes on while its host is busy', async () => {
    const client = await clientOf();
    const { calls } = await sent(client, 2, [FEW_MS, FEW_MS]);
    await new Promise(setImmediate); // they are on their way
    const end = performance.now() + 30_000;
    while (begun().length < 2) if (performance.now() > end) throw new Error('It never went on.');
    expect(await Promise.all(calls)).toEqual(['0', '1']);
  });

  it('has no third', async () => {
    const client = await clientOf();
    const { calls } = await sent(client, 2, [FEW_MS, FEW_MS, FEW_MS]);
    expect(client.queued).toBe(1);
    expect(await Promise.all(calls)).toEqual(['0', '1', '2']);
    expect(begun()).toEqual(['0', '1', '2']);
  });

  it.each([
    ['another may be started for it', { workers: { min: 1, max: 2 } }, [1]],
    ['calls are limited, and it would hold a place', { concurrency: 50 }, [1]],
    ['fewer wait than there are workers, of which one would be idle', { workers: 2 }, [1, 1]],
  ])('has none where %s', async (_, options, inEach) => {
    const client = await clientOf(options);
    await known(client);
    const calls = marks(client, inEach.length + 1);
    expect(held(client)).toEqual(inEach);
    expect(client.queued).toBe(1);
    await Promise.all(calls);
  });

  it('has none where none may wait', async () => {
    const client = await clientOf({ maxQueue: 0 });
    await known(client);
    const [first, second] = marks(client, 2) as [Promise<unknown>, Promise<unknown>];
    expect(await errorOf(second)).toMatchObject({ code: 'QUEUE_FULL' });
    expect(await first).toBe('0');
  });

  it('has none beside calls that would wait behind two then, as async ones do', async () => {
    const client = await clientOf();
    await known(client);
    await client.call('mark_async', [path, 'async']);
    const calls = marks(client, 2);
    expect(held(client)).toEqual([1]);
    await Promise.all(calls);
  });

  it('has none that was made in a callback, as nothing could take it back', async () => {
    const client = await clientOf();
    await known(client);
    const seen: unknown[] = [];
    const answer = async (token: string): Promise<string> => {
      const calls = marks(client, 2);
      seen.push(held(client), client.queued);
      await Promise.all(calls);
      return token;
    };
    expect(await client.call('mark_and_ask_async', [path, 'asks', answer])).toBe('asks');
    expect(seen).toEqual([[2], 1]); // the one that asks, and one of two
  });

  it('loses it to another when that call turns out long', async () => {
    const client = await clientOf({ workers: 2 });
    const { calls, giveUp } = await sent(client, 2, [60_000, FEW_MS, FEW_MS, FEW_MS]);
    const [head, ...others] = calls;
    const error = errorOf(head as Promise<unknown>);
    expect(await Promise.all(others)).toEqual(['1', '2', '3']);
    giveUp();
    expect((await error).name).toBe('AbortError');
    expect(begun().sort()).toEqual(['0', '1', '2', '3']);
  });
});

describe('Calls behind one that turns out long', () => {
  it.each(kinds)('go to another worker while %s runs', async (method) => {
    const client = await clientOf({ workers: 2 });
    const { head, giveUp, ahead } = await stuck(client, method);
    // The head is there yet, or the test would not have come so far.
    expect((await Promise.all(ahead)).sort()).toEqual(tokens);
    expect(client.workers.map(({ inFlight }) => inFlight).sort()).toEqual([0, 1]);
    giveUp();
    expect((await head).name).toBe('AbortError');
    expect(begun().sort()).toEqual([...tokens, 'head']);
  });

  it('go to a worker that is started for them', async () => {
    const client = await clientOf({ workers: { min: 1, max: 2, idleTimeoutMs: 50 } });
    const { head, giveUp, ahead } = await stuck(client, 'mark');
    expect(await Promise.all(ahead)).toEqual(tokens);
    expect(client.workers).toHaveLength(2);
    giveUp();
    await head;
  });

  it('take what they wait for with them when they were given up', async () => {
    const client = await clientOf({ workers: 2 });
    const { head, giveUp, ahead } = await stuck(client, 'mark');
    const give = new AbortController();
    const options = { signal: give.signal };
    const others = tokens.map((token) => errorOf(client.call('mark', [path, token], {}, options)));
    give.abort();
    for (const error of await Promise.all(others)) expect(error.name).toBe('AbortError');
    await Promise.all(ahead);
    await eventually('they hold no place any more', () => {
      const held = client.workers.reduce((sum, { inFlight }) => sum + inFlight, 0);
      return held === 1;
    });
    giveUp();
    await head;
  });

  it('leave a worker that is being replaced', async () => {
    const client = await clientOf();
    const { head, giveUp, ahead } = await stuck(client, 'mark');
    await hasBegun('head');
    await client.reload();
    expect(await Promise.all(ahead)).toEqual(tokens);
    expect(client.workers.map(({ state }) => state).sort()).toEqual(['draining', 'ready']);
    giveUp();
    await head;
  });
});

describe('A call that claims not to have begun', () => {
  it('is not made again, and its worker passes the claim on to nobody', async () => {
    const client = await clientOf();
    const error = await errorOf(client.call('mark_and_claim_not_to_have_begun', [path, 'once']));
    expect(error.code).toBe('CLOSED');
    expect(error.details).toEqual({});
    expect(begun()).toEqual(['once']);
    expect(client.workers).toMatchObject([{ state: 'ready' }]);
  });
});
