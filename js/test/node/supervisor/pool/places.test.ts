import { describe, expect, it } from '@jest/globals';
import { Places } from '../../../../src/node/supervisor/pool/places.js';

const worker = (): object => ({});

describe('The place of a worker', () => {
  it('is vacant once, however often it leaves, and is taken once', () => {
    const places = new Places();
    const one = worker();
    places.vacate(one);
    places.vacate(one);
    expect([places.take(), places.take()]).toEqual([true, false]);
  });

  it('is not vacant when another has it already', () => {
    const places = new Places();
    const [spare, kept] = [worker(), worker()];
    for (const each of [spare, kept]) places.spare(each);
    places.keep(kept);
    for (const each of [spare, kept]) places.vacate(each);
    expect([places.isSpare(spare), places.isSpare(kept)]).toEqual([true, false]);
    expect([places.take(), places.take()]).toEqual([true, false]);
  });
});
