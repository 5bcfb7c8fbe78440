/** What is lent on its way out: parts of a frame that stay where they were encoded, and segments behind it. */
import type { AnswerWriter } from '../protocol/answer-writer.js';
import { ALIGNED_FROM_BYTES } from '../protocol/segments.js';
import { markAsShared, piecesOf, sharedEnd } from '../protocol/shared-segments.js';
import type { Transport } from '../transport.js';
import type { SendSegments } from './outbox.js';

/** Of a segment: whoever lent it waits for an answer, not for this. */
const SENT = (): void => undefined;

/**
 * Through memory that both ends share where there is some that is free and the segments are large enough for it. Else
 * in one go where the transport can, unless they are large: a frame that comes alone wakes the other end for nothing.
 */
export const sendSegments: SendSegments = (transport, taken, writer, sent) => {
  const frame = (writer as AnswerWriter).takeInserted(taken);
  const segments = (writer as AnswerWriter).takeSegments();
  const end = transport.shared && sharedEnd(segments);
  if (end !== undefined && transport.shared!.outgoing.claim(end)) {
    markAsShared(frame.at(-1)!, segments.length);
    transport.sendShared!(frame, piecesOf(segments), sent);
    return;
  }
  const areLarge = segments.some(({ length }) => length >= ALIGNED_FROM_BYTES);
  if (transport.sendParts !== undefined && !areLarge) {
    transport.sendParts([...frame, ...segments], sent);
    return;
  }
  sendFrame(transport, frame, sent);
  for (const segment of segments) transport.send(segment, SENT);
};

/** Sends a frame of one part, or of several of which the first and the last are in the writer's memory. */
function sendFrame(
  transport: Transport,
  parts: readonly Uint8Array[],
  sent: (undelivered: boolean) => void,
): void {
  const [first, ...others] = parts as [Uint8Array, ...Uint8Array[]];
  const last = others.pop();
  if (last === undefined) transport.send(first, sent);
  else if (transport.sendParts !== undefined) transport.sendParts(parts, sent);
  else {
    let isUndelivered = false;
    transport.send(first, (undelivered) => {
      isUndelivered = undelivered;
    });
    for (const part of others) transport.send(part, SENT);
    transport.send(last, () => sent(isUndelivered));
  }
}
