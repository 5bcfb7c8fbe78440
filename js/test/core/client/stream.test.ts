import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { SynapseStream } from '../../../src/core/client/stream.js';
import { StreamBuffer, type StreamSource } from '../../../src/core/client/stream-buffer.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

class RecordedSource implements StreamSource {
  readonly told: unknown[] = [];
  start(): void {
    this.told.push('start');
  }
  grant(items: number): void {
    this.told.push(items);
  }
  waiting(waits: boolean): void {
    this.told.push(waits ? 'waits' : 'has');
  }
  stopped: Promise<void> = Promise.resolve();
  cancel(): Promise<void> {
    this.told.push('cancel');
    return this.stopped;
  }
}

interface Opened {
  readonly source: RecordedSource;
  readonly buffer: StreamBuffer<number>;
  readonly stream: SynapseStream<number>;
}

function open(window = 4): Opened {
  const source = new RecordedSource();
  const buffer = new StreamBuffer<number>(source, window);
  return { source, buffer, stream: new SynapseStream(buffer) };
}

describe('A stream', () => {
  it('makes its call when iteration starts, not before', async () => {
    const { source, buffer, stream } = open();
    expect(source.told).toEqual([]);
    const first = stream.next();
    expect(source.told).toEqual(['start', 'waits']);
    buffer.push([7]);
    expect(await first).toEqual({ done: false, value: 7 });
  });

  it('gives credit back in halves of the window, as items are taken', async () => {
    const { source, buffer, stream } = open(4);
    const first = stream.next();
    buffer.push([1, 2, 3, 4]);
    await first;
    expect(source.told).toEqual(['start', 'waits', 'has']);
    await stream.next();
    expect(source.told.at(-1)).toBe(2);
    await stream.next();
    await stream.next();
    expect(source.told.slice(3)).toEqual([2, 2]);
  });

  it('opens its window as small items arrive, up to the whole of it', async () => {
    const { source, buffer, stream } = open(256);
    expect(buffer.initialCredit).toBe(16);
    void stream.next();
    for (let n = 0; n < 256; n++) buffer.push([n], 12);
    const grants = source.told.filter((what) => typeof what === 'number');
    expect(grants).toEqual([16, 32, 64, 128]);
  });

  it('lets in few large items at a time', async () => {
    const { source, buffer, stream } = open(256);
    const credit = (): number => {
      const grants = source.told.filter((what) => typeof what === 'number');
      return grants.reduce((sum, items) => sum + items, 16);
    };
    void stream.next();
    for (let n = 0; n < 16; n++) buffer.push([n], 2 * 1024 * 1024);
    expect(credit()).toBe(16);
    let arrived = 16;
    for (let taken = 1; taken < 100; taken++) {
      await stream.next();
      for (; arrived < credit(); arrived++) buffer.push([arrived], 2 * 1024 * 1024);
      if (taken > 16) expect(credit() - taken).toBeLessThanOrEqual(6);
    }
    expect(arrived).toBeGreaterThan(99);
  });

  it('serves reads that wait in order', async () => {
    const { buffer, stream } = open();
    const reads = [stream.next(), stream.next(), stream.next()];
    buffer.push([1]);
    buffer.push([2]);
    buffer.end();
    expect(await Promise.all(reads)).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
      { done: true, value: undefined },
    ]);
  });

  it('gives the items before an error first, and the error once', async () => {
    const { buffer, stream } = open();
    const first = stream.next();
    buffer.push([1, 2]);
    buffer.fail(new Error('broken'));
    expect([(await first).value, (await stream.next()).value]).toEqual([1, 2]);
    await expect(stream.next()).rejects.toThrow('broken');
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it('aborted drops what is buffered', async () => {
    const { buffer, stream } = open();
    const first = stream.next();
    buffer.push([1, 2, 3]);
    await first;
    buffer.abort(new Error('given up'));
    await expect(stream.next()).rejects.toThrow('given up');
  });

  it('left with break cancels, once, and takes no more items', async () => {
    const { source, buffer, stream } = open();
    const reading = (async () => {
      for await (const item of stream) if (item === 2) break;
    })();
    buffer.push([1, 2, 3]);
    await reading;
    buffer.push([4]);
    await stream.return();
    expect(source.told.filter((what) => what === 'cancel')).toHaveLength(1);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it('left before it was started never makes its call', async () => {
    const { source, stream } = open();
    await stream.return();
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(source.told).toEqual([]);
  });

  it('left before its end waits until the producer has stopped', async () => {
    const { source, stream } = open();
    let stop = (): void => {};
    source.stopped = new Promise((resolve) => {
      stop = resolve;
    });
    void stream.next();
    const order: string[] = [];
    const left = stream.return().then(() => order.push('left'));
    await Promise.resolve();
    order.push('stopped');
    stop();
    await left;
    expect(order).toEqual(['stopped', 'left']);
  });

  it('left while a read waits ends that read', async () => {
    const { stream } = open();
    const read = stream.next();
    await stream.return();
    expect(await read).toEqual({ done: true, value: undefined });
  });

  it('that nobody holds any more is cancelled', async () => {
    const source = new RecordedSource();
    const buffer = new StreamBuffer<number>(source, 4);
    await (async () => {
      const read = new SynapseStream(buffer).next();
      buffer.push([1, 2]);
      expect(await read).toEqual({ done: false, value: 1 });
    })();
    await collected(() => source.told.includes('cancel'));
    expect(source.told).toContain('cancel');
  });

  it('of which somebody waits for one item is held by that, and by nothing afterwards', async () => {
    const source = new RecordedSource();
    const buffer = new StreamBuffer<number>(source, 4);
    const first = new SynapseStream<number>(buffer).next();
    await collected(() => source.told.includes('cancel'), 10);
    buffer.push([7]);
    expect(await first).toEqual({ done: false, value: 7 });
    expect(source.told).not.toContain('cancel');
    await collected(() => source.told.includes('cancel'));
    expect(source.told).toContain('cancel');
  });

  it('that somebody waits for is held by that', async () => {
    const source = new RecordedSource();
    const buffer = new StreamBuffer<number>(source, 4);
    const items: number[] = [];
    const reading = (async () => {
      for await (const item of new SynapseStream<number>(buffer)) items.push(item);
    })();
    for (let item = 0; item < 5; item += 1) {
      await collected(() => source.told.includes('cancel'), 3);
      buffer.push([item]);
    }
    buffer.end();
    await reading;
    expect(items).toEqual([0, 1, 2, 3, 4]);
    expect(source.told).not.toContain('cancel');
  });
});

/** Collects garbage until `done`, some times at most. */
async function collected(done: () => boolean, times = 50): Promise<void> {
  for (let turn = 0; turn < times && !done(); turn += 1) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
