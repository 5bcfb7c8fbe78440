// instanceLogs: an rxjs observable of what the script says, and nothing else.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { filter, firstValueFrom, isObservable, Observable, take, tap, toArray } from 'rxjs';
import { Synapse } from 'synapse-worker';
import { LogBook } from '../support/logs.js';
import { newModule, sharedModule } from '../support/scratch.js';
import { eventually, within } from '../support/waiting.js';

const raw = sharedModule('raw');
const snake = '🐍 Python: ';

describe('instanceLogs', () => {
  let synapse: Synapse;
  beforeEach(() => {
    synapse = new Synapse();
  });
  afterEach(() => synapse.dispose());
  const say = (text: string): Promise<unknown> => synapse.call({ do: 'stderr', text });

  it('is a real rxjs observable', async () => {
    expect(synapse.instanceLogs).toBeInstanceOf(Observable);
    expect(isObservable(synapse.instanceLogs)).toBe(true);
    const first = firstValueFrom(
      synapse.instanceLogs.pipe(
        tap(() => undefined),
        take(1),
      ),
    );
    await synapse.spawn(raw, 'echo');
    expect(await first).toBe(`${snake}script running\n`);
  });

  it('can be subscribed to before spawn, and hears every life of the instance', async () => {
    const book = new LogBook(synapse.instanceLogs);
    for (let round = 0; round < 2; round += 1) {
      await synapse.spawn(raw, 'echo');
      await synapse.call(1);
      await synapse.dispose();
    }
    expect(book.lines).toEqual([`${snake}script running\n`, `${snake}script running\n`]);
  });

  it('emits a line at a time, with prefix and newline', async () => {
    await synapse.spawn(raw, 'deeds');
    const book = new LogBook(synapse.instanceLogs);
    await say('one\ntwo\n\nfour\n');
    await eventually('four lines', () => book.lines.length >= 4);
    expect(book.lines).toEqual([`${snake}one\n`, `${snake}two\n`, `${snake}\n`, `${snake}four\n`]);
  });

  it('joins a line that came in pieces, also in the middle of a character', async () => {
    await synapse.spawn(raw, 'deeds');
    const book = new LogBook(synapse.instanceLogs);
    const bytes = Buffer.from('pieces of 日本語 🐍\n');
    await synapse.call({
      do: 'stderr_bytes',
      parts: [...bytes].map((byte) => Buffer.from([byte])),
    });
    await eventually('a line', () => book.lines.length > 0);
    expect(book.lines).toEqual([`${snake}pieces of 日本語 🐍\n`]);
  });

  it('shows captured stdout lines too', async () => {
    await synapse.spawn(raw, 'deeds');
    const book = new LogBook(synapse.instanceLogs);
    await synapse.call({ do: 'print', text: 'to stdout' });
    await eventually('the line', () => book.lines.includes(`${snake}to stdout\n`));
  });

  it('emits the last line without newline when the process ends', async () => {
    const book = new LogBook(synapse.instanceLogs);
    await synapse.spawn(raw, 'deeds');
    await say('unfinished');
    await synapse.dispose();
    expect(book.text).toContain(`${snake}unfinished`);
  });

  it('has emitted all log lines of a call soon after its reply', async () => {
    await synapse.spawn(raw, 'deeds');
    const book = new LogBook(synapse.instanceLogs);
    await say('x\n'.repeat(5000));
    await eventually('all lines', () => book.lines.length === 5000, 3000);
  });

  it('stands bytes that are not UTF-8', async () => {
    await synapse.spawn(raw, 'deeds');
    const book = new LogBook(synapse.instanceLogs);
    await synapse.call({ do: 'stderr_bytes', parts: [Buffer.from([0x66, 0xff, 0xfe, 0x0a])] });
    await eventually('a line', () => book.lines.length > 0);
    expect(book.lines[0]).toBe(`${snake}f\ufffd\ufffd\n`);
  });

  it('bounds the memory of a line that never ends', async () => {
    await synapse.spawn(raw, 'deeds');
    const book = new LogBook(synapse.instanceLogs);
    for (let round = 0; round < 8; round += 1) await say('y'.repeat(1024 * 1024));
    await eventually('something of it', () => book.lines.length > 0);
    expect(await synapse.call({ do: 'echo', value: 'alive' })).toBe('alive');
  });

  it('replays nothing to a late subscriber', async () => {
    await synapse.spawn(raw, 'echo');
    await synapse.call(1);
    const late = new LogBook(synapse.instanceLogs);
    await synapse.call(2);
    await synapse.dispose();
    expect(late.lines).toEqual([]);
  });

  it('emits nothing synchronously on subscribe', async () => {
    await synapse.spawn(raw, 'slow_to_read');
    let emitted = 0;
    const subscription = synapse.instanceLogs.subscribe(() => {
      emitted += 1;
    });
    expect(emitted).toBe(0);
    subscription.unsubscribe();
  });

  it('serves several subscribers alike, and stops for the one who unsubscribes', async () => {
    await synapse.spawn(raw, 'deeds');
    const stays = new LogBook(synapse.instanceLogs);
    const leaves = new LogBook(synapse.instanceLogs);
    await say('first\n');
    await eventually('both heard', () => stays.lines.length === 1 && leaves.lines.length === 1);
    leaves.close();
    await say('second\n');
    await eventually('one heard', () => stays.lines.length === 2);
    expect(leaves.lines).toHaveLength(1);
  });

  it('goes on when a subscriber throws', async () => {
    await synapse.spawn(raw, 'deeds');
    const failed = newThrowingSubscriber(synapse);
    const book = new LogBook(synapse.instanceLogs);
    await say('one\n');
    await say('two\n');
    await eventually('both lines', () => book.lines.length === 2);
    failed.unsubscribe();
  });

  it('is async-iterable', async () => {
    await synapse.spawn(raw, 'deeds');
    const seen: string[] = [];
    const reading = (async () => {
      for await (const line of synapse.instanceLogs) {
        seen.push(line);
        if (seen.length === 3) break;
      }
    })();
    await say('a\nb\nc\nd\n');
    await within(5000, 'the loop ends', reading);
    expect(seen).toEqual([`${snake}a\n`, `${snake}b\n`, `${snake}c\n`]);
  });

  it('ends an async iteration on dispose, so that no loop hangs forever', async () => {
    await synapse.spawn(raw, 'deeds');
    const seen: string[] = [];
    const reading = (async () => {
      for await (const line of synapse.instanceLogs) seen.push(line);
    })();
    await say('only\n');
    await eventually('the line', () => seen.length === 1);
    await synapse.dispose();
    await within(2000, 'the loop ends', reading);
  });

  it('has no installer output in it', async () => {
    const fresh = newModule({
      'requirements.txt': 'msgpack==1.1.0\n',
      'main.py':
        'import sys\nimport msgpack\nprint("mine", file=sys.stderr)\nsys.stdin.buffer.read(4)\n',
    });
    const book = new LogBook(synapse.instanceLogs);
    await synapse.spawn(fresh, 'main');
    await synapse.dispose();
    expect(book.lines).toEqual([`${snake}mine\n`]);
  });

  it('works with the operators of the rxjs the caller has', async () => {
    await synapse.spawn(raw, 'deeds');
    const collected = firstValueFrom(
      synapse.instanceLogs.pipe(
        filter((line) => line.includes('keep')),
        take(2),
        toArray(),
      ),
    );
    await say('keep 1\ndrop\nkeep 2\n');
    expect(await within(5000, 'collected', collected)).toEqual([
      `${snake}keep 1\n`,
      `${snake}keep 2\n`,
    ]);
  });
});

/** rxjs reports what a subscriber throws by a timer of its own: catch it there, or it ends the test process. */
function newThrowingSubscriber(synapse: Synapse): { unsubscribe(): void } {
  let line = 0;
  return synapse.instanceLogs
    .pipe(
      tap(() => {
        line += 1;
        throw new Error(`subscriber fails at ${line}`);
      }),
    )
    .subscribe({ error: () => undefined });
}
