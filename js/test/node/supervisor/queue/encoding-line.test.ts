/** Which call is encoded when: with slices, turns and a clock of the test's own. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { CallPolicy } from '../../../../src/node/supervisor/call/call-policy.js';
import type { CallbackContext } from '../../../../src/node/supervisor/call/callback-context.js';
import type { Preparation } from '../../../../src/node/supervisor/call/preparation.js';
import { Task } from '../../../../src/node/supervisor/call/task.js';
import type { Connection } from '../../../../src/node/supervisor/connection/connection.js';
import { EncodingLine } from '../../../../src/node/supervisor/queue/encoding-line.js';
import { RANKED_IN_A_ROW } from '../../../../src/node/supervisor/queue/priority-line.js';

/** A slice of these takes longer than a turn. */
const SLOW_MS = 10;

/** A call of so many slices, each of which takes so long. */
class Call extends Task implements Preparation {
  readonly id = 1;
  readonly name: string;
  slices: number;
  readonly sliceMs: number;
  onStep: (() => void) | undefined;
  error: unknown;

  constructor(name: string, slices: number, sliceMs: number, priority: number) {
    super('call', policyOf(priority), undefined);
    this.name = name;
    this.slices = slices;
    this.sliceMs = sliceMs;
  }

  override get preparation(): Preparation {
    return this;
  }

  get isDone(): boolean {
    return this.slices === 0;
  }

  step(): void {
    this.slices -= 1;
    nowMs += this.sliceMs;
    steps.push(this.name);
    this.onStep?.();
  }

  protected override send(): void {}

  override isSerial(): boolean {
    return true;
  }

  protected override deliverError(error: unknown): void {
    this.error = error;
  }
}

function policyOf(priority: number): CallPolicy {
  return {
    ...{ queueMs: 0, runMs: 0, totalMs: 0, idleMs: 0 },
    ...{ priority, idempotent: undefined, retries: 0 },
  };
}

let nowMs: number;
let steps: string[];
let encoded: string[];
let turns: (() => void)[];
let line: EncodingLine<Connection>;
beforeEach(() => {
  nowMs = 0;
  steps = [];
  encoded = [];
  turns = [];
  line = new EncodingLine({
    onEncoded: (task) => encoded.push((task as Call).name),
    later: (work) => turns.push(work),
    time: { now: () => nowMs },
  });
});

function add(
  name: string,
  { slices = 1, sliceMs = SLOW_MS, priority = 0, nested = false } = {},
): Call {
  const call = new Call(name, slices, sliceMs, priority);
  // As many calls of one moment wait in the order in which they came.
  call.submittedAt = ++submissions;
  if (nested) call.within = {} as CallbackContext;
  line.add(call);
  return call;
}
let submissions = 0;

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
  it('get a slice a turn, one call after another', () => {
    add('first', { slices: 2 });
    add('second');
    expect(steps).toEqual([]);
    turn();
    expect([steps, encoded]).toEqual([['first'], []]);
    turn();
    expect(encoded).toEqual(['first']);
    turn();
    expect(encoded).toEqual(['first', 'second']);
    expect([turns.length, line.size]).toEqual([0, 0]);
  });

  it('share a turn while they take little time', () => {
    for (let n = 0; n < 30; n++) add(`${n}`, { sliceMs: 1 });
    expect(turnsUntilIdle()).toBe(8);
    expect(encoded).toHaveLength(30);
  });

  it('end a turn by the time they take, also when they fail', () => {
    for (let n = 0; n < 4; n++) {
      add('bad').onStep = () => {
        throw new Error('cannot travel');
      };
    }
    expect(turnsUntilIdle()).toBe(4);
  });

  it('leave the line when they fail, or are given up, also by themselves', () => {
    const [bad, givenUp, stops] = [1, 2, 3].map((n) => add(`${n}`, { slices: 5 })) as [
      Call,
      Call,
      Call,
    ];
    add('good');
    bad.onStep = () => {
      throw new Error('cannot travel');
    };
    stops.onStep = () => {
      stops.slices = 0;
      stops.fail(new Error('no more'));
    };
    turn();
    expect(bad.error).toEqual(new Error('cannot travel'));
    turn();
    givenUp.fail(new Error('given up'));
    turnsUntilIdle();
    expect(encoded).toEqual(['good']);
    expect(line.size).toBe(0);
  });

  it('are not looked for when all were given up', () => {
    add('given up').fail(new Error('given up'));
    expect(turnsUntilIdle()).toBe(1);
    expect([steps, line.size]).toEqual([[], 0]);
  });

  it('are handed out, and encoded no more', () => {
    const calls = [add('first', { slices: 2 }), add('second')];
    turn();
    expect(line.takeAll()).toEqual(calls);
    turnsUntilIdle();
    expect([encoded, line.size]).toEqual([[], 0]);
  });

  it('go by their priority, also past one that is begun', () => {
    add('low', { slices: 2, priority: -1 });
    turn();
    add('normal');
    add('high', { priority: 1 });
    turnsUntilIdle();
    expect(encoded).toEqual(['high', 'normal', 'low']);
  });

  it('go at last, whatever priority others have', () => {
    add('low', { priority: -1 });
    for (let n = 0; n < 2 * RANKED_IN_A_ROW; n++) add(`${n}`, { priority: 1 });
    turnsUntilIdle();
    expect(encoded.indexOf('low')).toBe(RANKED_IN_A_ROW);
  });

  it('go first, and in their order, when a callback waits for them', () => {
    add('large', { slices: 3, priority: 9 });
    turn();
    for (const name of ['one', 'two', 'three']) add(name, { nested: true });
    turnsUntilIdle();
    expect(encoded).toEqual(['one', 'two', 'three', 'large']);
  });
});
