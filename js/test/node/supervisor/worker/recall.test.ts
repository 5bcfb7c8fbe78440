/** The moment between a recall and what has come of it, with time and memory that are fakes. */
import { beforeEach, expect, it } from '@jest/globals';
import type { CallLedger } from '../../../../src/node/supervisor/connection/call-ledger.js';
import { Recall } from '../../../../src/node/supervisor/worker/recall.js';
import { FakeTime } from '../../support/fake-time.js';

interface Call {
  id: number;
}

class Ledger {
  lastBegun: number | undefined = 10;
  writable = true;
  readonly recalled: number[] = [];

  recall(ids: readonly number[]): boolean {
    if (this.writable) this.recalled.push(...ids);
    return this.writable;
  }

  isRecalled(id: number): boolean {
    return this.recalled.includes(id);
  }

  reaches(id: number, lastBegun: number): boolean {
    return id > lastBegun && id <= lastBegun + 512;
  }
}

let ledger: Ledger;
let time: FakeTime;
let there: Set<Call>;
let taken: number[][];
let left: number[];
let recall: Recall<Call>;
beforeEach(() => {
  ledger = new Ledger();
  time = new FakeTime();
  there = new Set([9, 10, 11, 12, 13].map((id) => ({ id })));
  taken = [];
  left = [];
  recall = new Recall<Call>({
    ledger: () => ledger as unknown as CallLedger,
    isThere: (call) => there.has(call),
    onTaken: (calls) => taken.push(calls.map(({ id }) => id)),
    onLeft: ({ id }) => left.push(id),
    time,
  });
});

it('asks for those that were not begun, and takes them when nothing has begun a moment later', () => {
  recall.begin(there);
  expect(ledger.recalled).toEqual([11, 12, 13]);
  expect(taken).toEqual([]);
  time.pass(2);
  expect(taken).toEqual([[11, 12, 13]]);
});

it('leaves those that the worker has come to in between: it says itself what it did with them', () => {
  recall.begin(there);
  time.pass(1);
  ledger.lastBegun = 12;
  time.pass(1);
  expect(taken).toEqual([[13]]);
  expect(left).toEqual([11, 12]);
});

it('takes none whose answer has come, or that was given back and sent there again', () => {
  recall.begin(there);
  const [, , answered, moved] = [...there];
  there.delete(answered as Call);
  (moved as Call).id = 20;
  time.pass(2);
  expect(taken).toEqual([[13]]);
});

it('waits for a full moment, though a timer is early', () => {
  const begunAt = time.now();
  const late = new Recall<Call>({
    ledger: () => ledger as unknown as CallLedger,
    isThere: () => true,
    onTaken: (calls) => taken.push(calls.map(({ id }) => id)),
    // Its timers fire at once.
    time: { now: time.now, after: (_, action) => time.after(0.25, action) },
  });
  late.begin(there);
  time.pass(0.9);
  expect(time.now() - begunAt).toBeLessThan(1);
  expect(taken).toEqual([]);
  time.pass(0.1);
  expect(taken).toEqual([[11, 12, 13]]);
});

it('asks for nothing twice', () => {
  recall.begin(there);
  recall.begin(there);
  expect(ledger.recalled).toEqual([11, 12, 13]);
  time.pass(2);
  there.add({ id: 14 });
  recall.begin(there);
  expect(ledger.recalled).toEqual([11, 12, 13, 14]);
});

it('gives each its full moment, whatever is asked for meanwhile', () => {
  const late = { id: 14 };
  recall.begin(there);
  time.pass(1.5);
  there.add(late);
  recall.begin([late]);
  expect(recall.has(late)).toBe(true);
  time.pass(0.5);
  expect(taken).toEqual([[11, 12, 13]]);
  expect(recall.has(late)).toBe(true);
  time.pass(2);
  expect(taken).toEqual([[11, 12, 13], [14]]);
  expect(recall.has(late)).toBe(false);
  expect(time.pending).toBe(0);
});

it.each<[string, () => void]>([
  ['nothing can be read', () => (ledger.lastBegun = undefined)],
  ['nothing can be written', () => (ledger.writable = false)],
  ['all have begun', () => (ledger.lastBegun = 13)],
])('does nothing where %s', (_, given) => {
  given();
  recall.begin(there);
  expect(time.pending).toBe(0);
});

it('takes nothing where nothing can be read any more', () => {
  recall.begin(there);
  ledger.lastBegun = undefined;
  time.pass(5);
  expect(taken).toEqual([]);
  expect(left).toEqual([11, 12, 13]);
});

it('takes nothing from a worker that has ended', () => {
  recall.begin(there);
  recall.stop();
  expect(time.pending).toBe(0);
});
