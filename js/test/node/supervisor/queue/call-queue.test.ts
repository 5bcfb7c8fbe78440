/** In which order calls leave the queue where priorities are in play. */
import { describe, expect, it } from '@jest/globals';
import { CallLimits } from '../../../../src/node/supervisor/call/call-limits.js';
import type { Task } from '../../../../src/node/supervisor/call/task.js';
import { CallQueue } from '../../../../src/node/supervisor/queue/call-queue.js';

interface Given {
  readonly name: string;
  readonly method?: string;
  readonly priority?: number;
  /** Whether it needs no main thread. */
  readonly concurrent?: boolean;
}

/** A queue from which calls are taken one by one. */
class Queue {
  readonly #queue: CallQueue<never>;
  readonly #taken: string[] = [];
  #now = 0;

  constructor({ concurrency = Number.POSITIVE_INFINITY, limited = [] as readonly string[] } = {}) {
    const methods = new Map(limited.map((name) => [name, { concurrency: 5 }]));
    this.#queue = new CallQueue(new CallLimits({ concurrency, methods, onRoom: () => undefined }));
    this.#queue.learn({} as never);
  }

  push({ name, method = 'any', priority = 0, concurrent = false }: Given): void {
    this.#now += 1;
    const links = { previous: null, next: null, list: null };
    const task = { name, method, priority, concurrent, submittedAt: this.#now, ...links };
    this.#queue.push({ ...task, isSerial: () => !concurrent } as never);
  }

  /** Takes one, if there is one of the kind for which there is room. */
  take(roomFor: 'serial' | 'concurrent' | 'any' = 'any'): string | undefined {
    let room = 1;
    this.#queue.serve({
      take: (task: Task<never>) => {
        const kind = (task as unknown as Given).concurrent ? 'concurrent' : 'serial';
        if (room === 0 || (roomFor !== 'any' && roomFor !== kind)) return false;
        room -= 1;
        task.list?.delete(task);
        this.#taken.push((task as unknown as Given).name);
        return true;
      },
    });
    return this.#taken.at(-1);
  }

  /** After how many others the patient one goes, while others keep coming. */
  turnsUntil(patient: string, others: Omit<Given, 'name'>): number {
    for (let turn = 0; turn < 1_000; turn++) {
      this.push({ name: 'other', ...others });
      if (this.take() === patient) return turn;
    }
    return Number.POSITIVE_INFINITY;
  }
}

describe('A call of a low priority', () => {
  it('goes after some of higher ones, however many of those keep coming', () => {
    const queue = new Queue();
    queue.push({ name: 'low', priority: -1_000 });
    expect(queue.turnsUntil('low', { priority: 1_000 })).toBe(15);
    queue.push({ name: 'normal' });
    expect(queue.turnsUntil('normal', { priority: 1 })).toBe(15);
  });

  it('does so where the others are of another method that has a limit of its own', () => {
    for (const limited of [['urgent'], ['any'], ['urgent', 'any']]) {
      const queue = new Queue({ concurrency: 10, limited });
      queue.push({ name: 'low' });
      expect(queue.turnsUntil('low', { method: 'urgent', priority: 1 })).toBe(15);
    }
  });

  it('lets higher ones pass until then, in their order', () => {
    const queue = new Queue();
    const order = ['a', 'b', 'c', 'd'].map((name, priority) => ({ name, priority }));
    for (const given of order) queue.push(given);
    expect(order.map(() => queue.take())).toEqual(['d', 'c', 'b', 'a']);
  });

  it.each([Number.POSITIVE_INFINITY, 10])(
    'does so where calls beside the main thread go in turn with them, of at most %d',
    (concurrency) => {
      for (const concurrent of [false, true]) {
        const queue = new Queue({ concurrency });
        queue.push({ name: 'low', concurrent });
        let turns = 0;
        for (let taken: string | undefined; taken !== 'low' && turns < 100; turns++) {
          for (const kind of [false, true]) {
            queue.push({ name: 'other', priority: 1, concurrent: kind });
          }
          taken = queue.take(concurrent ? 'concurrent' : 'serial');
          if (taken !== 'low') queue.take(concurrent ? 'serial' : 'concurrent');
        }
        expect(turns).toBeLessThanOrEqual(16);
      }
    },
  );

  it('has its turn by how long it has waited, not by how low it is', () => {
    const queue = new Queue();
    for (const [name, priority] of Object.entries({ second: -1, first: -2 }).reverse()) {
      queue.push({ name, priority });
    }
    expect(queue.turnsUntil('first', { priority: 1 })).toBe(15);
    expect(queue.turnsUntil('second', { priority: 1 })).toBe(15);
  });
});

it('Calls of one priority are first in, first out, whatever that is', () => {
  for (const priority of [0, 3]) {
    const queue = new Queue();
    const names = Array.from({ length: 100 }, (_, n) => String(n));
    for (const name of names) queue.push({ name, priority });
    expect(names.map(() => queue.take())).toEqual(names);
  }
});
