/** Sends values through the real codec, so that a mock can neither take nor give what Python could not. */
import type { MethodCall } from '../core/client/module-runtime.js';
import { ReferenceTable } from '../core/peer/reference-table.js';
import { ALL_EXTENSIONS } from '../core/protocol/codec/all-extensions.js';
import { type ErrorMap, errorFromWire, type SynapseError } from '../core/protocol/errors.js';
import { FrameDecoder } from '../core/protocol/frames.js';
import { AnswerWriter, decodeMessage, Kind, type Message } from '../core/protocol/messages.js';

/** A value as it arrives. */
export interface Arrived {
  readonly value: unknown;
  /** An integer beyond ±(2^53 − 1) is somewhere in it. */
  readonly hasBigInt: boolean;
}

const ID = 1;

/** Checks that the arguments of a call can travel. @throws {EncodeError} they cannot */
export function checkArguments({ method, args, kwargs }: MethodCall): void {
  const references = new ReferenceTable(() => ID);
  written((writer) => writer.request(ID, method, args, kwargs, undefined, {}, references));
}

/** Takes a result, or one item, over the wire. @throws {EncodeError} it cannot travel */
export function arrived(value: unknown): Arrived {
  const message = written((writer) => writer.result(ID, value));
  if (message.kind === Kind.Result) return message;
  throw message.kind === 'undecodable' ? message.error : new Error('not a result');
}

/** The error that a caller gets for one that the other end reports. */
export function arrivedError(error: unknown, changes: Partial<ErrorMap>): SynapseError {
  const message = written((writer) => writer.error(ID, error));
  const map = message.kind === Kind.Error ? message.error : {};
  return errorFromWire({ ...map, ...changes });
}

function written(write: (writer: AnswerWriter) => void): Message {
  const writer = new AnswerWriter({ extensions: ALL_EXTENSIONS });
  write(writer);
  const messages: Message[] = [];
  new FrameDecoder().feed(writer.take(), (payload) => messages.push(decodeMessage(payload)));
  return messages[0] as Message;
}
