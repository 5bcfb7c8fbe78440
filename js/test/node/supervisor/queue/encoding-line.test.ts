/** Which call is encoded when, and how many ahead: with slices and turns of the test's own. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { CallPolicy } from '../../../../src/node/supervisor/call/call-policy.js';
import type { CallbackContext } from '../../../../src/node/supervisor/call/callback-context.js';
import type { Preparation } from '../../../../src/node/supervisor/call/preparation.js';
import { Task } from '../../../../src/node/supervisor/call/task.js';
import type { Connection } from '../../../../src/node/supervisor/connection/connection.js';
import { EncodingLine } from '../../../../src/node/supervisor/queue/encoding-line.js';

const MIB = 1024 * 1024;
const SLICE = 131_072;
const POLICY: CallPolicy = {
  ...{ queueMs: 0, runMs: 0, totalMs: 0, idleMs: 0 },
  ...{ priority: 0, idempotent: undefined, retries: 0 },
};

/** A call of so many bytes; what fails does in its second slice. */
class Call extends Task implements Preparation {
  readonly id = 1;
  bytes = 0;
  readonly size: number;
  readonly isBad: boolean;
  onStep: (() => void) | undefined;
  error: unknown;

  constructor(size: number, isBad = false) {
    super('call', POLICY, undefined);
    this.size = size;
    this.isBad = isBad;
  }

  override get preparation(): Preparation {
    return this;
  }

  get isDone(): boolean {
    return this.bytes >= this.size;
  }

  get isBegun(): boolean {
    return this.bytes > 0;
  }

  step(bytes: number): number {
    if (this.isBad && this.isBegun) throw new Error('cannot travel');
    this.onStep?.();
    const written = Math.min(bytes, this.size - this.bytes);
    this.bytes += written;
    steps.push(`${names.get(this)} ${written}`);
    return written;
  }

  protected override send(): void {}

  override isSerial(): boolean {
    return true;
  }

  protected override deliverError(error: unknown): void {
    this.error = error;
  }
}

let names: Map<Task, string>;
let steps: string[];
let encoded: string[];
let turns: (() => void)[];
let hasRoom: boolean;
let line: EncodingLine<Connection>;
beforeEach(() => {
  names = new Map();
  steps = [];
  encoded = [];
  turns = [];
  hasRoom = false;
  line = new EncodingLine({
    hasRoom: () => hasRoom,
    onEncoded: (task) => encoded.push(names.get(task) as string),
    later: (work) => turns.push(work),
  });
});

function call(name: string, size: number, isBad = false): Call {
  const made = new Call(size, isBad);
  names.set(made, name);
  return made;
}

function turn(): void {
  expect(turns).toHaveLength(1);
  turns.pop()?.();
}

function turnsUntilIdle(): number {
  let count = 0;
  for (; turns.length > 0; count++) turn();
  return count;
}

describe('Calls to be encoded', () => {
  it('get one slice a turn, one call after another', () => {
    line.add(call('first', 2 * SLICE));
    line.add(call('second', SLICE));
    expect(steps).toEqual([]);
    turn();
    expect([steps, encoded]).toEqual([[`first ${SLICE}`], []]);
    turn();
    expect(encoded).toEqual(['first']);
    turn();
    expect(encoded).toEqual(['first', 'second']);
    expect([turns.length, line.size]).toEqual([0, 0]);
  });

  it('share a turn when they are small', () => {
    for (let n = 0; n < 300; n++) line.add(call(`${n}`, 10));
    expect(turnsUntilIdle()).toBe(3);
    expect(encoded).toHaveLength(300);
  });

  it('leave the line when they fail, or are given up, also by themselves', () => {
    const [bad, givenUp, stops] = [
      call('bad', 5 * SLICE, true),
      call('given up', 5 * SLICE),
      call('stops', 5 * SLICE),
    ];
    for (const task of [bad, givenUp, stops, call('good', 1)]) line.add(task);
    stops.onStep = () => stops.fail(new Error('no more'));
    turn();
    turn();
    expect(bad.error).toEqual(new Error('cannot travel'));
    turn();
    givenUp.fail(new Error('given up'));
    turnsUntilIdle();
    expect(encoded).toEqual(['good']);
    expect(line.size).toBe(0);
  });

  it('are handed out, and encoded no more', () => {
    const calls = [call('first', 2 * SLICE), call('second', 1)];
    for (const task of calls) line.add(task);
    turn();
    expect(line.takeAll()).toEqual(calls);
    turnsUntilIdle();
    expect([encoded, line.isUsed]).toEqual([[], false]);
  });
});

describe('What is encoded and not sent', () => {
  let large: Call;
  beforeEach(() => {
    large = call('large', 64 * MIB);
    line.add(large);
    line.add(call('next', 10));
    turnsUntilIdle();
    expect(encoded).toEqual(['large']);
  });

  it('has others wait when it is very much', () => {
    line.look();
    expect(turns).toEqual([]);
  });

  it.each<[string, () => void]>([
    ['it was given up', () => large.fail(new Error('given up'))],
    [
      'there is room for the next',
      () => {
        hasRoom = true;
      },
    ],
  ])('has them go on when %s', (_when, change) => {
    change();
    line.look();
    turnsUntilIdle();
    expect(encoded).toEqual(['large', 'next']);
  });

  it('does not hold up what a callback waits for', () => {
    const nested = call('nested', 2 * SLICE);
    nested.within = {} as CallbackContext;
    line.add(nested);
    turnsUntilIdle();
    expect(encoded).toEqual(['large', 'nested']);
  });

  it('is not kept once it is sent or settled', () => {
    line.takeAll();
    expect(line.isUsed).toBe(false);
    const sent = call('sent', 1);
    line.add(sent);
    turnsUntilIdle();
    expect(line.isUsed).toBe(true);
    sent.fail(new Error('settled'));
    line.look();
    expect(line.isUsed).toBe(false);
  });
});
