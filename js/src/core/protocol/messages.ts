// Messages of the native dialect, decoded: what they are, and how a payload becomes one.
// Implements the section "Messages" of docs/protocol.md. `message-writer` writes them.
//
//   offset  size  field
//   0       1     kind
//   1       1     flags
//   2       6     id, unsigned, little-endian
//   8       n     body: one MessagePack value, or nothing

import { ALL_EXTENSIONS } from './codec/all-extensions.js';
import { ArrivedSegments } from './codec/segment-references.js';
import { reader } from './codec/value-reader.js';
import { DecodeError, ProtocolError } from './errors.js';
import {
  FIRST_IGNORED_KIND,
  FLAG_TIMING,
  FLAG_WANTS_PROGRESS,
  HEADER_BYTES,
  Kind,
  kindName,
} from './kinds.js';
import * as limits from './limits.js';
import type { BulkKind, Known, Message, ReadRequest } from './message-kinds.js';
import { record } from './records.js';
import { readRequest } from './requests.js';

export { AnswerWriter } from './answer-writer.js';
export { FLAG_WANTS_PROGRESS, HEADER_BYTES, Kind, kindName } from './kinds.js';
export type { BulkKind, Known, Message, ReadRequest, RequestKind } from './message-kinds.js';
export {
  type CallMeta,
  type EncodedArguments,
  MessageWriter,
  type RequestExtras,
} from './message-writer.js';

/**
 * Returns the message of a payload. Nothing in it shares memory with the payload; segments become parts of it.
 *
 * @throws ProtocolError when the header breaks the protocol, a body follows where none belongs, or a body
 *   does not decode that no single call would fail by.
 */
export function decodeMessage(
  payload: Uint8Array,
  segments?: readonly Uint8Array<ArrayBuffer>[],
): Message {
  return readMessage(payload, ALL_KNOWN, segments && new ArrivedSegments(segments));
}

const ALL_KNOWN: Known = { extensions: ALL_EXTENSIONS, readRequest };

/** As `decodeMessage`, of what this end knows. */
export function readMessage(
  payload: Uint8Array,
  { extensions, readRequest }: Known,
  segments?: ArrivedSegments,
): Message {
  if (payload.length < HEADER_BYTES) {
    throw new ProtocolError(
      `A message needs a header of ${HEADER_BYTES} bytes; this one has ${payload.length}.`,
    );
  }
  const kind = payload[0]!;
  if (kind >= FIRST_IGNORED_KIND) {
    return { kind: 'ignored' };
  }
  const flags = payload[1]!;
  const id = readId(payload);
  checkHeader(kind, flags, id);
  if ((payload.length > HEADER_BYTES || segments !== undefined) && isIn(EMPTY_KINDS, kind)) {
    throw new ProtocolError(`${kindName(kind)} carries no body, but bytes follow its header.`);
  }
  reader.know(extensions);
  try {
    return segments === undefined
      ? readBody(kind as Kind, flags, id, payload, readRequest)
      : reader.withSegments(segments, () =>
          readBody(kind as Kind, flags, id, payload, readRequest),
        );
  } catch (error) {
    if (!(error instanceof DecodeError)) {
      throw error;
    }
    // Such a body costs the connection: no call would fail by it.
    if (kind === Kind.Credit || isIn(CONNECTION_KINDS, kind)) {
      throw new ProtocolError(`The body of a ${kindName(kind)} message: ${error.message}`, {
        cause: error,
      });
    }
    return { kind: 'undecodable', of: kind as Kind, id, error };
  }
}

/** The id in the header of a payload. */
export function readId(payload: Uint8Array): number {
  return (
    (payload[2]! | (payload[3]! << 8) | (payload[4]! << 16)) +
    (payload[5]! | (payload[6]! << 8) | (payload[7]! << 16)) * 0x100_0000
  );
}

// Sets of kinds, a bit each: to ask a `Set` twice takes as long as to read the header of an answer.

/** Kinds that concern the connection itself; their id is 0. */
const CONNECTION_KINDS =
  (1 << Kind.Drain) | (1 << Kind.Fail) | (1 << Kind.Hello) | (1 << Kind.Ping) | (1 << Kind.Pong);

/** Kinds without a body. */
const EMPTY_KINDS = (1 << Kind.End) | (1 << Kind.Cancel) | (1 << Kind.Drain);

function isIn(set: number, kind: number): boolean {
  return (set & (1 << kind)) !== 0;
}

const ALLOWED_FLAGS: ReadonlyMap<number, number> = new Map([
  [Kind.Call, FLAG_WANTS_PROGRESS | FLAG_TIMING],
  [Kind.Open, FLAG_WANTS_PROGRESS],
  [Kind.Result, FLAG_TIMING],
]);

/** @throws ProtocolError when the header breaks the protocol. */
export function checkHeader(kind: number, flags: number, id: number): void {
  if (kind === 0 || kind > Kind.Fail) {
    throw new ProtocolError(
      `Unknown message kind ${kind}. Do both ends speak one version of the protocol?`,
    );
  }
  if (flags !== 0 && (flags & ~(ALLOWED_FLAGS.get(kind) ?? 0)) !== 0) {
    throw new ProtocolError(
      `${kindName(kind)} message with undefined flags 0x${flags.toString(16)}.`,
    );
  }
  if (isIn(CONNECTION_KINDS, kind)) {
    if (id !== 0) {
      throw new ProtocolError(`${kindName(kind)} message with id ${id}: it must be 0.`);
    }
  } else if (id === 0 && kind !== Kind.Log) {
    throw new ProtocolError(`${kindName(kind)} message with id 0: ids start at 1.`);
  }
}

/** Depth counts from the values that users see: the body of a request wraps them twice, of items once. */
const ITEMS_DEPTH = limits.maxDepth + 1;
/** An error's details lie below its causes. */
const ERROR_DEPTH = limits.maxDepth + limits.maxErrorCauses + 2;

function readBody(
  kind: Kind,
  flags: number,
  id: number,
  payload: Uint8Array,
  readRequest?: ReadRequest,
): Message {
  switch (kind) {
    case Kind.End:
      return { kind, id };
    case Kind.Drain:
      return { kind };
    case Kind.Call:
    case Kind.Open:
    case Kind.Credit:
    case Kind.Cancel:
      if (readRequest === undefined) throw unexpected(kind);
      return readRequest(kind, flags, id, payload);
  }
  const body = reader.document(payload, HEADER_BYTES, bodyDepth(kind, flags), true);
  switch (kind) {
    case Kind.Result:
    case Kind.Items:
      return bulkMessage(kind, flags, id, body, reader.hasBigInt);
    case Kind.Progress:
      return { kind, id, value: body };
    case Kind.Ping:
    case Kind.Pong:
      return { kind, value: body };
    case Kind.Error:
      return { kind, id, error: record(body) };
    case Kind.Fail:
      return { kind, error: record(body) };
    case Kind.Log:
      return { kind, id, record: record(body) };
    case Kind.Hello:
      return { kind, body: record(body) };
  }
}

/** The error of a message that this end does not take. */
export function unexpected(kind: number): ProtocolError {
  return new ProtocolError(`Unexpected ${kindName(kind)} from the other end.`);
}

/** How many containers may stand inside one another in the body of a message. */
export function bodyDepth(kind: Kind, flags: number): number {
  if (kind === Kind.Error || kind === Kind.Fail) return ERROR_DEPTH;
  return kind === Kind.Items || kind === Kind.Log || flags !== 0 ? ITEMS_DEPTH : limits.maxDepth;
}

/** Returns a message whose body can be large. @throws DecodeError when `body` is not what belongs into it. */
export function bulkMessage(
  kind: BulkKind,
  flags: number,
  id: number,
  body: unknown,
  hasBigInt: boolean,
): Message {
  if (kind === Kind.Items) return { kind, id, items: nonEmptyArray(body), hasBigInt };
  if (flags === 0) return { kind, id, value: body, hasBigInt, runNs: undefined };
  const runNs: unknown = Array.isArray(body) && body.length === 2 ? body[0] : undefined;
  if (!Number.isSafeInteger(runNs) || (runNs as number) < 0) {
    throw new DecodeError('A timed result is [nanoseconds, value]; this is something else.');
  }
  const [, value] = body as unknown[];
  return { kind, id, value, hasBigInt, runNs: runNs as number };
}

function nonEmptyArray(value: unknown): unknown[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new DecodeError('Items are a non-empty array; this is something else.');
  }
  return value;
}
