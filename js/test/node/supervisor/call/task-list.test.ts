import { describe, expect, it } from '@jest/globals';
import { type Linked, TaskList } from '../../../../src/node/supervisor/call/task-list.js';

class Item implements Linked<Item> {
  previous: Item | null = null;
  next: Item | null = null;
  list: unknown = null;
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

function listOf(names: string): { list: TaskList<Item>; items: Item[] } {
  const list = new TaskList<Item>();
  const items = [...names].map((name) => new Item(name));
  for (const item of items) list.push(item);
  return { list, items };
}

const names = (list: TaskList<Item>): string => [...list].map(({ name }) => name).join('');

describe('A list of tasks', () => {
  it('is first in, first out', () => {
    const { list } = listOf('abc');
    expect([list.shift()?.name, list.shift()?.name, list.size]).toEqual(['a', 'b', 1]);
  });

  it.each([
    [0, 'bcd'],
    [1, 'acd'],
    [3, 'abc'],
  ])('lets number %i leave', (index, rest) => {
    const { list, items } = listOf('abcd');
    list.delete(items[index] as Item);
    list.delete(items[index] as Item);
    expect([names(list), list.size]).toEqual([rest, 3]);
  });

  it('takes back what was moved in front', () => {
    const { list } = listOf('bc');
    list.unshift(new Item('a'));
    expect(names(list)).toBe('abc');
  });

  it('does not let go of what another list has', () => {
    const { list, items } = listOf('a');
    new TaskList<Item>().delete(items[0] as Item);
    expect(list.size).toBe(1);
  });

  it('emptied can be filled again', () => {
    const { list } = listOf('ab');
    expect(list.takeAll().map(({ name }) => name)).toEqual(['a', 'b']);
    expect([list.size, list.first]).toEqual([0, null]);
    list.push(new Item('c'));
    expect(names(list)).toBe('c');
  });
});
