/** Puts calls under way as parts of the trace that they belong to, and before the eyes of who follows them. */
import { types } from 'node:util';
import type { CallMeta } from '../../core/protocol/messages.js';
import type { ObservedTask } from './observer.js';
import type { PoolRecorder } from './pool-recorder.js';
import { metaOf, type TraceHeaders } from './trace-context.js';
import { areCallsTraced, type CallMessage, TracedCall } from './traced-call.js';

/** A task before it is submitted. */
export interface TraceableTask extends ObservedTask {
  /** What Python is told of the call. */
  meta: CallMeta | undefined;
}

export class CallTracer {
  readonly #module: string;
  readonly #recorder: PoolRecorder;
  readonly #current: (() => TraceHeaders | undefined) | undefined;

  /** @param current the trace that a call belongs to which does not say so itself */
  constructor(
    module: string,
    recorder: PoolRecorder,
    current: (() => TraceHeaders | undefined) | undefined,
  ) {
    this.#module = module;
    this.#recorder = recorder;
    this.#current = current;
  }

  /** Submits a task, once it is known which trace it belongs to. */
  submit<T extends TraceableTask>(task: T, own: TraceHeaders, submit: (task: T) => void): void {
    const headers = own.traceparent === undefined ? this.#ask() : own;
    if (!areCallsTraced()) {
      if (headers !== undefined) task.meta = metaOf(headers);
      submit(task);
      return;
    }
    const { method, isStream: stream } = task;
    const { traceparent, tracestate } = headers ?? {};
    const message: CallMessage = { module: this.#module, method, stream, traceparent, tracestate };
    const call = new TracedCall(message, this.#recorder.meterOf(task));
    task.observed = call;
    call.submit(() => {
      task.meta = metaOf(message);
      submit(task);
    });
  }

  #ask(): TraceHeaders | undefined {
    if (this.#current === undefined) return undefined;
    try {
      return headersOf(this.#current());
    } catch (error) {
      // Whoever looks on does not fail what they look at.
      queueMicrotask(() => {
        throw error;
      });
      return undefined;
    }
  }
}

/** Reads what `trace` returned, here where its errors are caught: the types do not hold JavaScript to it. */
function headersOf(returned: TraceHeaders | null | undefined): TraceHeaders | undefined {
  if (returned === undefined || returned === null) return undefined;
  if (types.isPromise(returned)) {
    // Too late for this call, so that its failure is nobody's either.
    returned.catch(() => undefined);
    throw new TypeError('trace must return the headers of the trace, not a promise of them.');
  }
  const { traceparent, tracestate } = returned;
  return { traceparent, tracestate };
}
