// Random numbers that come again with their seed: each call, and the faults, have a row of their own, so that what call
// 4711 does depends on the seed and on nothing that happened before it.

/** @param seed any number of integers, as in a seed and the number of a call */
export function randomOf(...seed) {
  let state = seed.reduce(
    (mixed, part) => Math.imul(mixed ^ part, 0x9e3779b1) + 0x85ebca6b,
    0x2545f491,
  );
  // mulberry32
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (from, to) => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    /** An integer from `from` to `to`, both included. */
    integer,
    chance: (share) => next() < share,
    pick: (list) => list[integer(0, list.length - 1)],
    /** One of the keys of `{ key: weight }`. */
    weighted(weights) {
      const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
      let left = next() * total;
      for (const [key, weight] of Object.entries(weights)) {
        left -= weight;
        if (left < 0) return key;
      }
      return Object.keys(weights).at(-1);
    },
  };
}
