/**
 * How long a call of each method takes, learned from the calls that ended. Dispatch sends a worker
 * about one millisecond of known work ahead, so tiny calls pipeline and long ones do not pile up; and
 * in a busy pool one call of a few milliseconds, to be its next.
 */

import { NameMap } from '../../../core/name-map.js';

/** Weight of the newest measurement; about the last eight count. */
const NEWEST = 1 / 8;
/** Methods remembered; beyond that a method is taken for unknown, which is only slower. */
const MAX_METHODS = 4096;

interface Estimate {
  ms: number;
}

export class WorkEstimates {
  /** Changed in place: a number that is put into a map anew is a new object each time. */
  readonly #estimates = new NameMap<Estimate>();

  /** Expected milliseconds; an unknown method may take for ever. */
  of(method: string): number {
    return this.#estimates.get(method)?.ms ?? Number.POSITIVE_INFINITY;
  }

  /**
   * Learns from a call that has ended.
   *
   * @param wasCut whether it was told to: it would have taken at least so long
   */
  observe(method: string, ms: number, wasCut = false): void {
    const known = this.#estimates.get(method);
    if (wasCut && ms < (known?.ms ?? Number.POSITIVE_INFINITY)) return;
    if (known !== undefined) known.ms += (ms - known.ms) * NEWEST;
    else if (this.#estimates.size < MAX_METHODS) this.#estimates.set(method, { ms });
  }
}
