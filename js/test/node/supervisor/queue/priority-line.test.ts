import { describe, expect, it } from '@jest/globals';
import type { Task } from '../../../../src/node/supervisor/call/task.js';
import { PriorityLine } from '../../../../src/node/supervisor/queue/priority-line.js';

function task(name: string, priority = 0): Task {
  return { name, priority, previous: null, next: null, list: null } as unknown as Task;
}

const nameOf = (given: Task | null): unknown => (given as { name?: string } | null)?.name;

function drain(line: PriorityLine<never>): unknown[] {
  const names: unknown[] = [];
  for (let { first } = line; first !== null; { first } = line) {
    names.push(nameOf(first));
    first.list?.delete(first);
  }
  return names;
}

function lineOf(...tasks: Task[]): PriorityLine<never> {
  const line = new PriorityLine<never>();
  for (const given of tasks) line.push(given as never);
  return line;
}

describe('A line with priorities', () => {
  it('is first in, first out for tasks of one priority', () => {
    expect(drain(lineOf(task('a'), task('b'), task('c')))).toEqual(['a', 'b', 'c']);
  });

  it('puts the highest first, whenever they came', () => {
    const line = lineOf(task('low', -1), task('a'), task('high', 7), task('b'), task('top', 9));
    expect(line.size).toBe(5);
    expect(drain(line)).toEqual(['top', 'high', 'a', 'b', 'low']);
    expect(line.size).toBe(0);
  });

  it('takes a task back before the others of its priority, and behind higher ones', () => {
    const line = lineOf(task('high', 1), task('a', 0));
    line.unshift(task('back') as never);
    expect(drain(line)).toEqual(['high', 'back', 'a']);
  });

  it('knows its own tasks, and counts those that leave by themselves', () => {
    const [gone, other] = [task('gone', 5), task('other', 5)];
    const line = lineOf(gone, task('stays', 5));
    lineOf(other);
    expect([line.has(gone as never), line.has(other as never)]).toEqual([true, false]);
    gone.list?.delete(gone);
    expect([line.has(gone as never), line.size]).toEqual([false, 1]);
  });

  it('gives all of them back in order', () => {
    const line = lineOf(task('b'), task('a', 1), task('c'));
    expect(line.takeAll().map(nameOf)).toEqual(['a', 'b', 'c']);
    expect(line.first).toBeNull();
  });

  it('orders as many priorities as there are tasks', () => {
    const line = new PriorityLine<never>();
    for (let n = 0; n < 1000; n++) line.push(task(String(n), (n * 7919) % 1000) as never);
    const order = drain(line).map((name) => (Number(name) * 7919) % 1000);
    expect(order).toEqual(Array.from({ length: 1000 }, (_, n) => 999 - n));
  });
});
