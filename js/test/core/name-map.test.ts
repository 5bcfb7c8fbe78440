import { describe, expect, it } from '@jest/globals';
import { NameMap } from '../../src/core/name-map.js';

describe('A map of names', () => {
  it('finds what was set, whatever was asked for before', () => {
    const map = new NameMap<number>();
    map.set('echo', 1);
    map.set('add', 2);
    expect([map.get('echo'), map.get('echo'), map.get('add'), map.get('echo')]).toEqual([
      1, 1, 2, 1,
    ]);
  });

  it('finds what was set after it had been asked for in vain', () => {
    const map = new NameMap<number>();
    expect(map.get('echo')).toBeUndefined();
    map.set('echo', 1);
    expect(map.get('echo')).toBe(1);
    map.set('echo', 2);
    expect(map.get('echo')).toBe(2);
  });

  it('tells how many there are, and which', () => {
    const map = new NameMap<number>();
    map.set('echo', 1);
    map.set('add', 2);
    map.set('echo', 3);
    expect(map.size).toBe(2);
    expect([...map]).toEqual([
      ['echo', 3],
      ['add', 2],
    ]);
    expect([...map.values()]).toEqual([3, 2]);
  });
});
