/** The trace that a call belongs to, as W3C Trace Context has it: what of it is sent to Python. */
import type { CallMeta } from '../../core/protocol/messages.js';

/** The two headers of the standard. */
export interface TraceHeaders {
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | undefined;
}

/** Version, trace id, parent id, flags; what a later version adds may follow, but nothing in version 00. */
const TRACEPARENT =
  /^(?!ff|00.{54})[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:-.*)?$/;
/** Longer ones need not be passed on. */
const MAX_TRACESTATE_CHARS = 512;

/** What Python is told. A `traceparent` that is none is left out, as the standard asks, and the other with it. */
export function metaOf({ traceparent, tracestate }: TraceHeaders): CallMeta | undefined {
  if (typeof traceparent !== 'string' || !TRACEPARENT.test(traceparent)) return undefined;
  const passesOn = typeof tracestate === 'string' && tracestate.length <= MAX_TRACESTATE_CHARS;
  return passesOn && tracestate !== '' ? { traceparent, tracestate } : { traceparent };
}

/** The 32 digits that name the trace. */
export function traceIdOf(meta: CallMeta | undefined): string | undefined {
  return TRACEPARENT.exec(meta?.traceparent ?? '')?.[1];
}
