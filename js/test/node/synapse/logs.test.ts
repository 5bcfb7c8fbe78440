import { describe, expect, it } from '@jest/globals';
import { Observable, Subject, take, toArray } from 'rxjs';
import { createLogStream, type LogStream } from '../../../src/node/synapse/logs.js';

function logs(): { lines: Subject<string>; ends: Subject<void>; stream: LogStream } {
  const lines = new Subject<string>();
  const ends = new Subject<void>();
  return { lines, ends, stream: createLogStream(lines, ends) };
}

describe('The log lines of a module', () => {
  it('are a real observable without replay', () => {
    const { lines, stream } = logs();
    expect(stream).toBeInstanceOf(Observable);
    const seen: string[][] = [];
    lines.next('before');
    stream.pipe(take(2), toArray()).subscribe((two) => seen.push(two));
    lines.next('a');
    lines.next('b');
    lines.next('c');
    expect(seen).toEqual([['a', 'b']]);
    expect(lines.observed).toBe(false);
  });

  it('can be read with for await, until they end', async () => {
    const { lines, ends, stream } = logs();
    const iterator = stream[Symbol.asyncIterator]();
    const waiting = iterator.next();
    for (const line of ['a', 'b']) lines.next(line);
    ends.next();
    expect([(await waiting).value, (await iterator.next()).value]).toEqual(['a', 'b']);
    expect((await iterator.next()).done).toBe(true);
    expect(lines.observed).toBe(false);
  });

  it('left by break are no longer listened to', async () => {
    const { lines, stream } = logs();
    const reading = (async () => {
      for await (const line of stream) if (line === 'b') break;
    })();
    for (const line of ['a', 'b', 'c']) lines.next(line);
    await reading;
    expect(lines.observed).toBe(false);
  });

  it('drop the oldest for a reader that is too slow, and say how many', async () => {
    const { lines, stream } = logs();
    const iterator = stream[Symbol.asyncIterator]();
    for (let n = 0; n < 10_003; n++) lines.next(`${n}`);
    expect((await iterator.next()).value).toMatch(/^\[WARNING\] 3 lines were dropped/);
    expect((await iterator.next()).value).toBe('3');
    lines.next('one more');
    lines.next('and one too many');
    expect((await iterator.next()).value).toMatch(/^\[WARNING\] 1 line was dropped/);
  });
});
