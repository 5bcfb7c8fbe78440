/** Segments on their way out: lent by whoever sends them, behind the frame that refers to them. */
import type { AnswerWriter } from '../protocol/answer-writer.js';
import { ALIGNED_FROM_BYTES } from '../protocol/segments.js';
import type { SendSegments } from './outbox.js';

/** Of a segment: whoever lent it waits for an answer, not for this. */
const SENT = (): void => undefined;

/** In one go where the transport can, unless they are large: a frame that comes alone wakes the other end for nothing. */
export const sendSegments: SendSegments = (transport, frame, writer, sent) => {
  const segments = (writer as AnswerWriter).takeSegments();
  const areLarge = segments.some(({ length }) => length >= ALIGNED_FROM_BYTES);
  if (transport.sendParts !== undefined && !areLarge) {
    transport.sendParts([frame, ...segments], sent);
    return;
  }
  transport.send(frame, sent);
  for (const segment of segments) transport.send(segment, SENT);
};
