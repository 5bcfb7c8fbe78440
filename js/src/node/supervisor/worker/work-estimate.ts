/**
 * How long a call of each method takes, learned from the calls that ended. Dispatch sends a worker
 * about one millisecond of known work ahead, so tiny calls pipeline and long ones do not pile up.
 */

/** Weight of the newest measurement; about the last eight count. */
const NEWEST = 1 / 8;
/** Methods remembered; beyond that a method is taken for unknown, which is only slower. */
const MAX_METHODS = 4096;

export class WorkEstimates {
  readonly #ms = new Map<string, number>();

  /** Expected milliseconds; an unknown method may take for ever. */
  of(method: string): number {
    return this.#ms.get(method) ?? Number.POSITIVE_INFINITY;
  }

  observe(method: string, ms: number): void {
    const known = this.#ms.get(method);
    if (known !== undefined) this.#ms.set(method, known + (ms - known) * NEWEST);
    else if (this.#ms.size < MAX_METHODS) this.#ms.set(method, ms);
  }
}
