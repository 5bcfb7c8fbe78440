// Workers that break the protocol, each in one way: what they had is settled with what was wrong, the host is unharmed,
// and the next call finds a worker that behaves.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Client } from '../../../src/core/client/client.js';
import { startClient } from '../../../src/node/connect/connect-pool.js';
import type { ConnectOptions } from '../../../src/node/connect/options.js';
import { systemTime } from '../../../src/node/supervisor/time.js';
import { MODULES, PYTHON } from '../support/launch.js';
import { errorOf, eventually, isAlive, linesOf } from '../support/waiting.js';

const BROKE_PROTOCOL = {
  ...{ name: 'WorkerExitedError', reason: 'protocol' },
  cause: { code: 'PROTOCOL_ERROR' },
};

let scratch: string;
let marks = 0;
const open = new Set<Client>();
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'synapse-rogue-'));
});
afterAll(() => rmSync(scratch, { recursive: true }));
afterEach(async () => {
  await Promise.all([...open].map((client) => client.terminate()));
  open.clear();
});

/** A client whose first worker is rogue. */
async function rogueClient(
  behaviour: string,
  options: ConnectOptions = {},
): Promise<{ client: Client; pids: () => number[] }> {
  marks += 1;
  const mark = join(scratch, String(marks));
  const script = resolve(MODULES, 'rogue/rogue.py');
  const spec = { command: PYTHON, args: ['-I', script, behaviour, mark] };
  const client = await startClient(
    spec,
    { name: 'rogue' },
    { channel: 'socket', graceMs: 100, onLog: () => undefined, ...options },
  );
  open.add(client);
  return { client, pids: () => linesOf(mark).map(Number) };
}

/** The worker that was rogue ends, and a call finds another. */
async function isReplaced(client: Client, pids: () => number[]): Promise<void> {
  expect(await client.call('echo', ['honest'], {}, { timeoutMs: 10_000 })).toBe('honest');
  expect(pids().length).toBe(2);
  await eventually('the rogue has gone', () => !isAlive(pids()[0] ?? 0));
}

describe('A worker that breaks the protocol is replaced, and its call told why: one that', () => {
  it.each([
    ['gives items to a call', 'protocol', 'PROTOCOL_ERROR'],
    ['sends an unknown kind', 'protocol', 'PROTOCOL_ERROR'],
    ['sends a second HELLO', 'protocol', 'PROTOCOL_ERROR'],
    ['tells the client to drain', 'protocol', 'PROTOCOL_ERROR'],
    ['sends flags that mean nothing', 'protocol', 'PROTOCOL_ERROR'],
    ['sends a payload of three bytes', 'protocol', 'PROTOCOL_ERROR'],
    ['answers an id nobody asked for', 'protocol', 'PROTOCOL_ERROR'],
    ['announces more than may be sent', 'protocol', 'FRAME_TOO_LARGE'],
    ['ends within a frame', 'exited', 'FRAME_TRUNCATED'],
    ['says FAIL', 'protocol', 'PROTOCOL_ERROR'],
    ['closes the channel and lives on', 'exited', 'CLOSED'],
    ['ignores the end of everything', 'exited', 'CLOSED'],
  ])('%s: %s, %s', async (behaviour, reason, code) => {
    const { client, pids } = await rogueClient(behaviour);
    const error = await errorOf(client.call('echo', ['rogue'], {}, { timeoutMs: 10_000 }));
    expect(error).toMatchObject({ code: 'WORKER_EXITED', reason, cause: { code } });
    expect(error).toMatchObject({ maybeExecuted: true, attempts: 1 });
    // That advice is for who sends a frame.
    expect(error.message).not.toContain('Send the data in parts');
    await isReplaced(client, pids);
  });

  it('gives more items than it may', async () => {
    const { client, pids } = await rogueClient('gives more items than it may');
    const read = async (): Promise<void> => {
      for await (const _ of client.stream('items', ['rogue']));
    };
    expect(await errorOf(read())).toMatchObject(BROKE_PROTOCOL);
    await isReplaced(client, pids);
  });

  it('gives a result to a stream', async () => {
    const { client, pids } = await rogueClient('gives a result to a stream');
    const next = client.stream('items', ['rogue'])[Symbol.asyncIterator]().next();
    expect(await errorOf(next)).toMatchObject(BROKE_PROTOCOL);
    await isReplaced(client, pids);
  });

  it('takes its neighbours along, each with the same reason, and what waited goes on', async () => {
    const { client, pids } = await rogueClient('answers an id nobody asked for');
    const calls = Array.from({ length: 20 }, () => client.call('later', ['rogue']));
    const outcomes = await Promise.allSettled(calls);
    for (const outcome of outcomes) {
      // Those that were not sent yet when it broke the protocol are answered by the honest one.
      if (outcome.status === 'fulfilled') expect(outcome.value).toBe('rogue');
      else expect(outcome.reason).toMatchObject(BROKE_PROTOCOL);
    }
    expect(outcomes.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
    await isReplaced(client, pids);
  });
});

describe('A call alone fails, and its worker goes on, when that', () => {
  it.each([
    ['sends a body that is no MessagePack', 'DECODE_FAILED'],
    ['sends a body that goes on behind its end', 'DECODE_FAILED'],
    ['nests without end', 'DEPTH_EXCEEDED'],
    ['promises four billion elements', 'DECODE_FAILED'],
  ])('%s: %s', async (behaviour, code) => {
    const { client, pids } = await rogueClient(behaviour);
    expect(await errorOf(client.call('echo', ['rogue']))).toMatchObject({ code });
    expect(await client.call('echo', ['honest'])).toBe('honest');
    expect(pids().length).toBe(1);
  });

  it('sends an error that is none', async () => {
    const { client, pids } = await rogueClient('sends an error that is none');
    const error = await errorOf(client.call('echo', ['rogue']));
    expect(error).toBeInstanceOf(Error);
    expect(typeof error.code).toBe('string');
    expect(await client.call('echo', ['honest'])).toBe('honest');
    expect(pids().length).toBe(1);
  });
});

describe('A call has its answer, and nothing else comes of it, when its worker', () => {
  it.each([
    'answers twice',
    'answers, then fails the same call',
    'sends a kind from the future',
    'drips its answer byte by byte',
    'calls functions that were never sent',
    'reports progress nobody wanted, then the result',
    'floods with logs',
    'floods with strange logs',
    'talks nonsense on control',
  ])('%s', async (behaviour) => {
    const { client, pids } = await rogueClient(behaviour);
    expect(await client.call('echo', ['mine'], {}, { timeoutMs: 10_000 })).toBe('mine');
    expect(await client.call('echo', ['honest'], {}, { timeoutMs: 10_000 })).toBe('honest');
    expect(pids().length).toBe(1);
  });

  it('ends a stream twice', async () => {
    const { client, pids } = await rogueClient('ends a stream twice');
    const items: unknown[] = [];
    for await (const item of client.stream('items', ['rogue'])) items.push(item);
    expect(items).toEqual(['only']);
    expect(await client.call('echo', ['honest'])).toBe('honest');
    expect(pids().length).toBe(1);
  });
});

describe('A frame that never ends', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it.each(['announces much, sends little and stops', 'stops within a header', 'drips for ever'])(
    'costs the worker after a while, though no clock was set: one that %s',
    async (behaviour) => {
      const after = systemTime.after;
      // A hundred times as fast.
      jest.spyOn(systemTime, 'after').mockImplementation((ms, action) => after(ms / 100, action));
      const { client, pids } = await rogueClient(behaviour, { watchdog: false });
      const error = await errorOf(client.call('echo', ['rogue']));
      expect(error).toMatchObject({ code: 'WORKER_EXITED', reason: 'protocol' });
      expect(error).toMatchObject({ maybeExecuted: true, cause: { code: 'FRAME_STALLED' } });
      expect(error.message).toContain('A frame stopped on its way:');
      await isReplaced(client, pids);
    },
  );

  it.each(['announces much, sends little and stops', 'stops within a header', 'drips for ever'])(
    'is given up with its call, and takes no memory: a worker that %s',
    async (behaviour) => {
      const { client, pids } = await rogueClient(behaviour);
      const before = process.memoryUsage().rss;
      const error = await errorOf(client.call('echo', ['rogue'], {}, { timeoutMs: 150 }));
      expect(error).toMatchObject({ code: 'CALL_TIMEOUT' });
      expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
      await isReplaced(client, pids);
    },
  );

  it('has no call run twice whose answer it swallowed', async () => {
    for (;;) {
      const { client, pids } = await rogueClient('announces much, and goes on within it');
      // Known to be quick, the method is sent ahead.
      await Promise.all(Array.from({ length: 80 }, () => client.call('echo', ['honest'])));
      const head = errorOf(client.call('echo', ['rogue'], {}, { timeoutMs: 150 }));
      const behind = Array.from({ length: 6 }, () => client.call('echo', ['behind']));
      const sent = client.workers[0]?.inFlight ?? 0;
      const outcomes = await Promise.allSettled(behind);
      expect(await head).toMatchObject({ code: 'CALL_TIMEOUT' });
      outcomes.slice(0, sent - 1).forEach((outcome) => {
        expect(outcome).toMatchObject({
          reason: { code: 'WORKER_EXITED', reason: 'cancelled', maybeExecuted: true },
        });
      });
      await isReplaced(client, pids);
      // On a busy machine nothing is quick for a while.
      if (sent > 1) return;
    }
  });
});

describe('A worker that does not greet as it should cannot start: one that', () => {
  it.each([
    ['greets with another magic', /synapse|magic/i, 10_000],
    ['greets from the future', /protocol/i, 10_000],
    ['greets with nonsense', /HELLO/i, 10_000],
    ['answers before it greets', /HELLO/i, 10_000],
    ['has methods of no kind', /HELLO/i, 10_000],
    ['never greets', /longer than 300 ms/, 300],
  ])('%s', async (behaviour, says, startTimeoutMs) => {
    const error = await errorOf(rogueClient(behaviour, { startTimeoutMs }));
    expect(error).toMatchObject({ code: 'MODULE_START_FAILED' });
    expect(error.message).toMatch(says);
  });
});
