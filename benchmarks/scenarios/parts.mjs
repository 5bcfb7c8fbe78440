// What several scenarios share: who takes part, and the proof that a contender gives back what it got.
import { isDeepStrictEqual } from 'node:util';
import { watchTurns } from '../lane/turns.mjs';
import { payload } from '../payload.mjs';

/** Entrants by their contenders' names; those of one contender with different options are written out. */
export const entrants = (...names) =>
  names.map((name) => (typeof name === 'string' ? { key: name, contender: name } : name));

/** Throws unless the record comes back; a raw limit gives back nothing, it knows no values. */
export async function checkEcho(contender) {
  const reply = await contender.call(payload);
  const wanted = contender.losesNull ? { ...payload, note: undefined } : payload;
  if (reply !== undefined && !isDeepStrictEqual(reply, wanted))
    throw new Error(`This is not the payload: ${JSON.stringify(reply)}`);
}

/** Throws unless two values are the same. */
export function expectSame(got, wanted) {
  if (!isDeepStrictEqual(got, wanted))
    throw new Error(`Expected ${JSON.stringify(wanted)}, got ${JSON.stringify(got)}`);
}

/** Milliseconds that something takes. */
export async function timed(doing) {
  const began = performance.now();
  await doing();
  return performance.now() - began;
}

/** How many items a second something gets through that does `count` of them, and the longest turn of the loop meanwhile. */
export async function paceOf(count, doing) {
  const stop = watchTurns();
  const seconds = (await timed(doing)) / 1000;
  return { perSecond: count / seconds, turnMs: stop() };
}
