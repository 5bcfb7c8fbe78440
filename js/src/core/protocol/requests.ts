// Messages by which an end asks something of the other, decoded. Implements the section "Messages" of
// docs/protocol.md for those who serve calls.

import { reader } from './codec/value-reader.js';
import { DecodeError } from './errors.js';
import { FLAG_TIMING, FLAG_WANTS_PROGRESS, HEADER_BYTES, Kind } from './kinds.js';
import * as limits from './limits.js';
import type { Message, RequestKind } from './message-kinds.js';
import { isRecord, record } from './records.js';

/** Depth counts from the values that users see: the body of a request wraps them twice. */
const REQUEST_DEPTH = limits.maxDepth + 2;

export function readRequest(
  kind: RequestKind,
  flags: number,
  id: number,
  payload: Uint8Array,
): Message {
  switch (kind) {
    case Kind.Call: {
      const [method, args, kwargs, meta] = request(payload, 3);
      return {
        kind,
        id,
        method,
        args,
        kwargs,
        meta: optionalRecord(meta),
        wantsProgress: (flags & FLAG_WANTS_PROGRESS) !== 0,
        wantsTiming: (flags & FLAG_TIMING) !== 0,
      };
    }
    case Kind.Open: {
      const [method, args, kwargs, credit, meta] = request(payload, 4);
      return {
        kind,
        id,
        method,
        args,
        kwargs,
        meta: optionalRecord(meta),
        credit: count(credit, 0),
        wantsProgress: flags !== 0,
      };
    }
    case Kind.Credit:
      return { kind, id, items: count(reader.document(payload, HEADER_BYTES, 0, true), 1) };
    case Kind.Cancel:
      return { kind, id };
  }
}

type Request = [
  method: string,
  args: unknown[],
  kwargs: Record<string, unknown>,
  ...further: unknown[],
];

/** Reads a request of `length` parts, or of one more: words about the call. */
function request(payload: Uint8Array, length: 3 | 4): Request {
  const body = reader.document(payload, HEADER_BYTES, REQUEST_DEPTH, true);
  if (
    !Array.isArray(body) ||
    (body.length !== length && body.length !== length + 1) ||
    typeof body[0] !== 'string' ||
    !Array.isArray(body[1]) ||
    !isRecord(body[2])
  ) {
    throw new DecodeError(
      `A request is [method, arguments, keyword arguments${length === 4 ? ', credit' : ''}] and maybe a map; this is something else.`,
    );
  }
  return body as Request;
}

function count(value: unknown, least: number): number {
  if (
    typeof value !== 'number' ||
    !Number.isInteger(value) ||
    value < least ||
    value > limits.maxId
  ) {
    throw new DecodeError(`Credit is an integer from ${least} on; this is something else.`);
  }
  return value;
}

function optionalRecord(value: unknown): Record<string, unknown> | undefined {
  return value === undefined ? undefined : record(value);
}
