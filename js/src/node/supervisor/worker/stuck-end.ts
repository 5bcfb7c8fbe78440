/**
 * The end of a worker in which a call is stuck that was given up: what else runs there has its grace, and
 * a call for which its main thread is at work is never cut short.
 */
import type { Task } from '../call/task.js';
import type { Connection } from '../connection/connection.js';
import { systemTime } from '../time.js';
import type { InFlight } from './in-flight.js';
import { giveUpNested } from './nested-calls.js';
import { StopLadder } from './stop-ladder.js';
import type { WorkerLife } from './worker-life.js';
import type { WorkerOptions } from './worker-options.js';

export class StuckEnd<C extends Connection> {
  readonly stops: StopLadder<C>;
  readonly #options: WorkerOptions<C>;
  readonly #life: WorkerLife<C>;
  readonly #calls: InFlight<C>;
  /** The call that the main thread was stuck in when we ended the worker. */
  #stuckIn: Task<C> | null = null;

  constructor(options: WorkerOptions<C>, life: WorkerLife<C>, calls: InFlight<C>) {
    this.#options = options;
    this.#life = life;
    this.#calls = calls;
    this.stops = new StopLadder({
      graceMs: options.graceMs,
      time: options.time ?? systemTime,
      cancellable: options.dialect.cancellable,
      isBlocked: () => calls.main.isTaken,
      onOverdue: () => this.#replace(),
      onHeldUp: (task) => giveUpNested(task, calls.main.onTopOf(task)),
    });
  }

  /** Whether the worker was ended because its main thread was, and is, stuck in a call. */
  get isOfMainThread(): boolean {
    const { head } = this.#calls.main;
    return head !== null && head === this.#stuckIn;
  }

  /** The main thread is at no call that somebody waits for. */
  freed(): void {
    this.stops.unblock();
    if (this.stops.hasOverdue) this.#end();
  }

  /** Gives what else runs here its grace, takes no new calls, then kills if it is still stuck. */
  #replace(): void {
    const { state } = this.#life;
    if (state !== 'ready' && state !== 'draining') return;
    this.#life.retire('cancelled');
    const { graceMs, time = systemTime, dialect } = this.#options;
    if (!dialect.cancellable) {
      this.#note();
      void this.#life.stop(0, graceMs, 'cancelled');
    } else if (this.#calls.isWanted) time.after(graceMs, () => this.#end());
    else this.#end();
  }

  /** Ends a worker that something is stuck in, unless its main thread is at work for a caller. */
  #end(): void {
    if (!this.stops.hasOverdue || this.#calls.main.isTaken) return;
    this.#note();
    this.#life.kill('cancelled');
  }

  #note(): void {
    const { head } = this.#calls.main;
    if (this.#life.state !== 'stopping' && this.stops.isOverdue(head)) this.#stuckIn = head;
  }
}
