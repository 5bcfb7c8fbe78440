import { describe, expect, it } from '@jest/globals';
import { IdTable } from '../../../src/core/peer/id-table.js';

/** What is in a table, which is empty then. */
function taken<V>(table: IdTable<V>): [number, V][] {
  const all = [...table];
  table.clear();
  return all;
}

describe('A table of ids', () => {
  it('finds what was put in until it is taken out', () => {
    const table = new IdTable<string>();
    table.set(1, 'one');
    expect([table.get(1), table.has(1), table.size]).toEqual(['one', true, 1]);
    table.delete(1);
    table.delete(1);
    expect([table.get(1), table.has(1), table.size]).toEqual([undefined, false, 0]);
  });

  it('keeps ids apart that are any distance from each other, whichever goes first', () => {
    for (const distance of [1, 1024, 2048, 2 ** 32, 2 ** 40]) {
      const table = new IdTable<string>();
      table.set(7, 'old');
      table.set(7 + distance, 'new');
      expect([table.get(7), table.get(7 + distance), table.size]).toEqual(['old', 'new', 2]);
      table.delete(7);
      expect([table.get(7), table.get(7 + distance), table.size]).toEqual([undefined, 'new', 1]);
      table.set(7 + 2 * distance, 'newest');
      table.delete(7 + distance);
      expect([table.get(7 + distance), table.get(7 + 2 * distance)]).toEqual([undefined, 'newest']);
      expect(table.size).toBe(1);
    }
  });

  it('does what a map does, for calls that end in any order', () => {
    const table = new IdTable<number>();
    const map = new Map<number, number>();
    let random = 42;
    for (let id = 1; id < 20_000; id++) {
      table.set(id, -id);
      map.set(id, -id);
      random = (random * 1_103_515_245 + 12_345) % 2 ** 31;
      // Most end at once, some after thousands of others, some never.
      for (const ended of [id - (random % 3), id - (random % 5_000)]) {
        table.delete(ended);
        map.delete(ended);
      }
      expect(table.get(id - (random % 7))).toBe(map.get(id - (random % 7)));
    }
    expect(table.size).toBe(map.size);
    expect(taken(table).sort(([a], [b]) => a - b)).toEqual([...map]);
    expect([table.size, taken(table)]).toEqual([0, []]);
  });
});
