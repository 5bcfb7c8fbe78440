/** When there is a rehearsal: at the first start of a Node process, while Python starts on another processor. */
import { availableParallelism } from 'node:os';
import type { PoolPolicy } from '../pool-policy.js';
import { rehearse } from './rehearsal.js';

let isFirst = true;

/**
 * Has the first call rehearsed when the work at hand is done, unless that has been before.
 *
 * @param play what a rehearsal is; a test passes its own
 */
export function rehearseAtFirstStart(
  dialect: 'native' | 'raw',
  policy: PoolPolicy,
  play: typeof rehearse = rehearse,
): void {
  if (!isFirst) return;
  isFirst = false;
  setImmediate(() => {
    // On a single processor Python would wait for it.
    if (availableParallelism() === 1) return;
    // One that fails has cost some time and nothing else: what is wrong, a call will tell.
    play(dialect, policy).catch(() => undefined);
  });
}
