/** Frames that stop on their way, as far as can be told from how many bytes have come. */
import { describe, expect, it } from '@jest/globals';
import { FrameWatch } from '../../../../src/node/supervisor/connection/frame-watch.js';
import { FakeTime } from '../../support/fake-time.js';

/** A connection to which a test lets bytes come. */
class Channel {
  readonly time = new FakeTime();
  receivedBytes = 0;
  unfinishedBytes = 0;
  readonly stalled: string[] = [];
  readonly watch = new FrameWatch(this, ({ code }) => this.stalled.push(code), this.time);

  /** A chunk comes that ends within a frame, `unfinished` bytes behind its start. */
  part(bytes: number, unfinished: number): void {
    this.receivedBytes += bytes;
    this.unfinishedBytes = unfinished;
    this.watch.begin();
  }

  /** A chunk comes that ends with a frame. */
  whole(bytes: number): void {
    this.receivedBytes += bytes;
    this.unfinishedBytes = 0;
  }
}

describe('A frame', () => {
  it('that stops has stopped after ten seconds, and what is read late counts', () => {
    const channel = new Channel();
    channel.part(100, 8);
    channel.time.pass(10_499);
    expect(channel.stalled).toEqual([]);
    channel.time.pass(1);
    expect(channel.stalled).toEqual(['FRAME_STALLED']);
    expect(channel.time.pending).toBe(0);
  });

  it('that drips has stopped as well', () => {
    const channel = new Channel();
    for (let second = 0; second < 30 && channel.stalled.length === 0; second++) {
      channel.part(100, (second + 1) * 100);
      channel.time.pass(1_000);
    }
    expect(channel.stalled).toEqual(['FRAME_STALLED']);
  });

  it('that is large and goes on may take as long as it takes', () => {
    const channel = new Channel();
    for (let minute = 0; minute < 60; minute++) {
      for (let part = 0; part < 6; part++) {
        channel.part(16_384, channel.unfinishedBytes + 16_384);
        channel.time.pass(10_000);
      }
    }
    expect(channel.stalled).toEqual([]);
    channel.time.pass(20_500);
    expect(channel.stalled).toEqual(['FRAME_STALLED']);
  });

  it('that was read in the end, by a loop that was late, has not stopped', () => {
    const channel = new Channel();
    channel.part(100, 100);
    channel.time.pass(10_000);
    channel.whole(1);
    channel.time.pass(3_600_000);
    expect(channel.stalled).toEqual([]);
  });

  it('is not taken for the one before it', () => {
    const channel = new Channel();
    for (let turn = 0; turn < 100; turn++) {
      // Each is whole by the time of the next, and each time one is under way when is looked.
      channel.part(10, 10);
      channel.time.pass(10_000);
      channel.whole(5);
      channel.part(10, 10);
      channel.time.pass(501);
    }
    expect(channel.stalled).toEqual([]);
  });
});

describe('The watch', () => {
  it('has no timer while all frames are whole', () => {
    const channel = new Channel();
    expect(channel.time.pending).toBe(0);
    channel.part(100, 8);
    channel.part(100, 8);
    expect(channel.time.pending).toBe(1);
    channel.whole(10);
    channel.time.pass(10_000);
    expect(channel.time.pending).toBe(0);
    channel.part(100, 8);
    expect(channel.time.pending).toBe(1);
    channel.watch.stop();
    expect(channel.time.pending).toBe(0);
  });
});
