/**
 * `synapse-worker:call` of `node:diagnostics_channel`, a tracing channel: `start` and `end` around the
 * submission of a call or stream, `asyncStart` and `asyncEnd` when its caller is answered, `error`
 * before these two when it failed. Without subscribers a call costs one look at a field.
 */
import { tracingChannel } from 'node:diagnostics_channel';
import type { Observation } from './observation.js';
import type { ObservedTask, Outcome } from './observer.js';

/** One object stands for a call in all of its messages. */
export interface CallMessage {
  readonly module: string;
  readonly method: string;
  readonly stream: boolean;
  /** The trace it belongs to. A subscriber of `start` may set both: Python is told what stands here then. */
  traceparent?: string | undefined;
  tracestate?: string | undefined;
  /** From `asyncStart` on, as those that follow. */
  outcome?: Outcome;
  error?: unknown;
  /** How often a worker was given it. */
  attempts?: number;
  queueMs?: number;
  runMs?: number;
  totalMs?: number;
}

const calls = tracingChannel<unknown, CallMessage>('synapse-worker:call');
const { start, end, asyncStart, asyncEnd, error: failures } = calls;

/** Whether anybody follows calls. */
export function areCallsTraced(): boolean {
  return (
    start.hasSubscribers ||
    asyncEnd.hasSubscribers ||
    asyncStart.hasSubscribers ||
    failures.hasSubscribers ||
    end.hasSubscribers
  );
}

export class TracedCall implements Observation {
  readonly #message: CallMessage;
  readonly #meter: Observation;
  #submitting = false;
  #isSettled = false;

  constructor(message: CallMessage, meter: Observation) {
    this.#message = message;
    this.#meter = meter;
  }

  /** Runs what submits the call, in the context that subscribers of `start` have bound to it. */
  submit(run: () => void): void {
    this.#submitting = true;
    start.runStores(this.#message, run);
    this.#submitting = false;
    end.publish(this.#message);
    // Refused while it was submitted: all else follows the end of that.
    if (this.#isSettled) this.#tellSettled();
  }

  queued(): void {
    this.#meter.queued();
  }

  settled(task: ObservedTask, outcome: Outcome, error: unknown): void {
    this.#meter.settled(task, outcome, error);
    const { submittedAt, dispatchedAt, startedAt, settledAt, attempts } = task;
    const message = Object.assign(this.#message, {
      ...{ outcome, attempts },
      queueMs: (dispatchedAt || settledAt) - submittedAt,
      runMs: startedAt === 0 ? 0 : settledAt - startedAt,
      totalMs: settledAt - submittedAt,
    });
    if (outcome === 'failed') message.error = error;
    this.#isSettled = true;
    if (!this.#submitting) this.#tellSettled();
  }

  #tellSettled(): void {
    const message = this.#message;
    if (message.outcome === 'failed') failures.publish(message);
    asyncStart.publish(message);
    asyncEnd.publish(message);
  }
}
