/** When calls are taken back: workers and time are fakes. */
import { beforeEach, expect, it } from '@jest/globals';
import type { WorkerState } from '../../../../src/core/worker-status.js';
import { type Holder, RecallWatch } from '../../../../src/node/supervisor/pool/recall-watch.js';
import { FakeTime } from '../../support/fake-time.js';

class Fake implements Holder {
  state: WorkerState = 'ready';
  inFlight = 0;
  lastBegun: number | undefined = 0;
  last = 0;
  recalls = 0;

  holdsAfter(lastBegun: number): boolean {
    return this.last > lastBegun;
  }

  recall(): void {
    this.recalls += 1;
  }

  /** It has these calls, and has begun so many. */
  has(inFlight: number, begun = 1): this {
    this.inFlight = inFlight;
    this.lastBegun = begun;
    this.last = begun + inFlight - 1;
    return this;
  }
}

let time: FakeTime;
let workers: Fake[];
let mayGrow: boolean;
let watch: RecallWatch<Fake>;
beforeEach(() => {
  time = new FakeTime();
  workers = [new Fake(), new Fake()];
  mayGrow = false;
  watch = new RecallWatch({ workers: () => workers, mayGrow: () => mayGrow, time });
});

const recalls = () => workers.map((worker) => worker.recalls);

it('has a worker give back what it has not come to from one look to the next', () => {
  workers[0]?.has(3);
  watch.start();
  time.pass(10);
  expect(recalls()).toEqual([0, 0]);
  time.pass(10);
  expect(recalls()).toEqual([1, 0]);
});

it('leaves one alone that comes on, however slowly', () => {
  const [slow] = workers;
  slow?.has(50);
  watch.start();
  for (let look = 0; look < 20; look += 1) {
    time.pass(9);
    if (slow?.lastBegun !== undefined) slow.lastBegun += 1;
    time.pass(1);
  }
  expect(recalls()).toEqual([0, 0]);
});

it('looks no more when nothing is left to be begun, and again when it is told to', () => {
  const [busy] = workers;
  busy?.has(1);
  watch.start();
  time.pass(10);
  expect(time.pending).toBe(0);
  busy?.has(2);
  watch.start();
  watch.start();
  expect(time.pending).toBe(1);
  time.pass(20);
  expect(recalls()).toEqual([1, 0]);
  busy?.has(0);
  time.pass(10);
  expect(time.pending).toBe(0);
});

it('forgets how far a worker had come that has had nothing to begin since', () => {
  const [busy] = workers;
  busy?.has(3, 7);
  watch.start();
  time.pass(10);
  busy?.has(1, 7);
  time.pass(10);
  // What it is sent now it has not had for long.
  busy?.has(3, 7);
  watch.start();
  time.pass(10);
  expect(recalls()).toEqual([0, 0]);
  time.pass(10);
  expect(recalls()).toEqual([1, 0]);
});

it.each<[WorkerState, number]>([
  ['ready', 1],
  ['starting', 1],
  ['draining', 0],
  ['stopping', 0],
])('beside a worker that is %s', (state, expected) => {
  const [stuck, other] = workers;
  stuck?.has(2);
  if (other !== undefined) other.state = state;
  watch.start();
  time.pass(20);
  expect(stuck?.recalls).toBe(expected);
});

it('alone, only where another may be started', () => {
  workers = [new Fake().has(2)];
  watch.start();
  time.pass(50);
  expect(recalls()).toEqual([0]);
  mayGrow = true;
  time.pass(10);
  expect(recalls()).toEqual([1]);
});

it.each<[WorkerState, number]>([
  ['draining', 1],
  ['stopping', 0],
  ['exited', 0],
])('of a worker that is %s', (state, expected) => {
  const [stuck] = workers;
  stuck?.has(2);
  if (stuck !== undefined) stuck.state = state;
  watch.start();
  time.pass(20);
  expect(stuck?.recalls).toBe(expected);
});

it('never of one that writes nothing down, nor of one that has gone', () => {
  const [silent, gone] = workers;
  silent?.has(3);
  gone?.has(3);
  if (silent !== undefined) silent.lastBegun = undefined;
  watch.start();
  time.pass(10);
  workers = workers.slice(0, 1);
  time.pass(50);
  expect([silent?.recalls, gone?.recalls]).toEqual([0, 0]);
  expect(time.pending).toBe(0);
});

it('stops when it is told to', () => {
  workers[0]?.has(3);
  watch.start();
  watch.stop();
  expect(time.pending).toBe(0);
});
