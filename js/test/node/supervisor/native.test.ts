import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { LogRecord } from '../../../src/node/supervisor/connection/log-record.js';
import { nativeClient } from '../support/launch.js';
import { errorOf, eventually } from '../support/waiting.js';

describe.each(['auto', 'socket'] as const)('A native worker over the channel "%s"', (channel) => {
  it('takes positional and keyword arguments', async () => {
    const client = await nativeClient({ channel });
    expect(await client.call('add', [1, 2], { c: 5 })).toBe(8);
    expect(await client.call('add', [1])).toBe(1);
  });

  it('raises with type and traceback', async () => {
    const client = await nativeClient({ channel });
    // biome-ignore lint/suspicious/noExplicitAny: its own fields are looked at
    const error: any = await (async () => await client.call('boom'))().catch((thrown) => thrown);
    expect(error).toMatchObject({
      name: 'PythonError',
      code: 'PYTHON_EXCEPTION',
      pythonType: 'ValueError',
      message: 'no such fruit',
    });
    expect(error.traceback).toContain('raise ValueError("no such fruit")');
    // Uncaught, it shows who called in JavaScript and what was raised in Python.
    expect(error.stack).toContain('native.test.ts');
    expect(error.stack).toContain('raise ValueError("no such fruit")');
    expect(error.stack).not.toContain('frames.ts');
  });

  it('names a method that does not exist', async () => {
    const client = await nativeClient({ channel });
    expect((await errorOf(client.call('ad'))).code).toBe('METHOD_NOT_FOUND');
  });

  it('takes megabytes both ways', async () => {
    const client = await nativeClient({ channel });
    const sent = new Uint8Array(8 * 1024 * 1024).map((_, i) => i % 251);
    const back = await client.call<Uint8Array>('echo', [sent]);
    expect(Buffer.compare(back, sent)).toBe(0);
  });

  it('fails one call whose value cannot be sent, and takes the next', async () => {
    const client = await nativeClient({ channel });
    const error = await errorOf(client.call('echo', [{ deep: [Symbol('s')] }]));
    expect(error).toMatchObject({ name: 'EncodeError', path: '$.args[0].deep[0]' });
    expect(await client.call('echo', [1])).toBe(1);
  });

  it('reports progress while it works', async () => {
    const client = await nativeClient({ channel });
    const seen: unknown[] = [];
    await client.call('steps', [3], {}, { onProgress: (value) => seen.push(value) });
    expect(seen).toEqual([0, 1, 2]);
  });

  it('fails the call whose progress callback throws, and stops it', async () => {
    const client = await nativeClient({ channel });
    const onProgress = (): never => {
      throw new Error('no room for a bar');
    };
    expect((await errorOf(client.call('steps', [1], {}, { onProgress }))).message).toBe(
      'no room for a bar',
    );
    expect(await client.call('echo', [2])).toBe(2);
  });

  it('is stopped inside Python by a timeout, and lives on', async () => {
    const client = await nativeClient({ channel });
    const pid = await client.call('pid');
    for (const method of ['nap', 'hold', 'async_nap']) {
      const error = await errorOf(client.call(method, [60], {}, { timeoutMs: 60 }));
      expect(error).toMatchObject({ name: 'CallTimeoutError', timeoutMs: 60 });
    }
    expect(await client.call('pid')).toBe(pid);
  });

  it('serves calls while async ones wait', async () => {
    const client = await nativeClient({ channel });
    const slow = client.call('async_nap', [1.5]);
    expect(await Promise.race([slow, client.call('echo', ['quick'])])).toBe('quick');
    expect(await slow).toBe('rested');
  });

  it('gives what it prints to the log, also a great deal of it', async () => {
    const records: LogRecord[] = [];
    const client = await nativeClient({ channel, onLog: (record) => records.push(record) });
    for (let n = 0; n < 200; n++) await client.call('speak', [`line ${n}`]);
    const texts = (source: string): string[] =>
      records.filter((record) => record.source === source).map(({ message }) => message);
    await eventually('all lines', () => texts('stdout').length === 200);
    await eventually('all lines', () => texts('stderr').length === 200);
    expect(texts('stdout')[199]).toBe('line 199\n');
    expect(records[0]?.pid).toBe(await client.call('pid'));
  });
});

describe('A stream', () => {
  it('gives every item in order', async () => {
    const client = await nativeClient();
    const items: number[] = [];
    for await (const item of client.stream<number>('count', [5000])) items.push(item);
    expect(items).toEqual(Array.from({ length: 5000 }, (_, i) => i));
  });

  it('broken off stops Python within a bounded number of items and runs its finally', async () => {
    const client = await nativeClient();
    for await (const item of client.stream('count', [1_000_000])) if (item === 300) break;
    expect(await client.call('how_many')).toBeLessThan(900);
    expect(await client.call('noted')).toContain('closed');
  });

  it('broken off has run its clean-up in Python when the loop is left', async () => {
    const client = await nativeClient();
    const folder = mkdtempSync(join(tmpdir(), 'synapse-'));
    const trace = join(folder, 'closed');
    for await (const _ of client.stream('leaves_trace', [trace])) break;
    expect(readFileSync(trace, 'utf8')).toBe('closed');
    rmSync(folder, { recursive: true });
  });

  it('read slowly stops Python within its window', async () => {
    const client = await nativeClient();
    const stream = client.stream('count', [1_000_000]);
    await stream.next();
    await eventually(
      'the window is full',
      async () => Number(await client.call('how_many')) >= 256,
    );
    expect(await client.call('how_many')).toBe(256);
    await stream.return();
  });

  it('of large items read slowly stops Python after a few', async () => {
    const client = await nativeClient();
    const stream = client.stream('large_items', [1000, 2 * 1024 * 1024]);
    await stream.next();
    await eventually(
      'its credit is used up',
      async () => Number(await client.call('how_many')) >= 16,
    );
    expect(await client.call('how_many')).toBe(16);
    for (let n = 0; n < 30; n++) expect((await stream.next()).done).toBe(false);
    expect(await client.call('how_many')).toBeLessThanOrEqual(31 + 6);
    await stream.return();
  });

  it('whose next item is late is stopped', async () => {
    const client = await nativeClient();
    // The first of its kind has things to import.
    const first = client.stream('slow_items');
    await first.next();
    await first.return();
    const stream = client.stream('slow_items', [], {}, { timeoutMs: 300 });
    expect((await stream.next()).value).toBe(1);
    expect((await errorOf(stream.next())).name).toBe('CallTimeoutError');
    expect(await client.call('echo', [1])).toBe(1);
  });

  it('does not run against the clock while its consumer thinks', async () => {
    const client = await nativeClient();
    // The first call of a method with annotations also reads them.
    await client.stream('count', [1]).next();
    const stream = client.stream<number>('count', [600], {}, { timeoutMs: 200 });
    await stream.next();
    await client.call('nap', [0.5]);
    let last = 0;
    for await (const item of stream) last = item;
    expect(last).toBe(599);
  });

  it('given up by its signal rejects the read that waits', async () => {
    const client = await nativeClient();
    const stop = new AbortController();
    const stream = client.stream('slow_items', [], {}, { signal: stop.signal });
    await stream.next();
    const read = errorOf(stream.next());
    stop.abort(new Error('enough'));
    expect(await read).toMatchObject({ name: 'AbortError', cause: { message: 'enough' } });
  });

  it('of a method that is none says so', async () => {
    const client = await nativeClient();
    expect((await errorOf(client.stream('pid').next())).code).toBe('NOT_A_STREAM');
    expect((await errorOf(client.call('count', [1]))).code).toBe('IS_A_STREAM');
  });
});
