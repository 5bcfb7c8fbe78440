/** How messages leave: together once a turn, segments with their frame or, where they are large, behind it. */
import { expect, it } from '@jest/globals';
import { sendSegments } from '../../../src/core/peer/lent-segments.js';
import { Outbox } from '../../../src/core/peer/outbox.js';
import { AnswerWriter } from '../../../src/core/protocol/answer-writer.js';
import { OutgoingSegments } from '../../../src/core/protocol/codec/segment-references.js';
import type { Transport } from '../../../src/core/transport.js';

const KIB = 1024;

/** A transport that says what it was asked to send, and an outbox whose other end reads segments. */
function outboxOver(offered: 'parts' | 'bytes') {
  const sent: number[][] = [];
  const lengths = (parts: readonly Uint8Array[]) => parts.map(({ length }) => length);
  const transport = {
    congested: false,
    defer: () => undefined,
    send: (bytes: Uint8Array) => sent.push(lengths([bytes])),
    ...(offered === 'parts' && {
      sendParts: (parts: readonly Uint8Array[]) => sent.push(lengths(parts)),
    }),
  } as unknown as Transport;
  const writer = new AnswerWriter();
  const outbox = new Outbox(transport, { lastId: 1 }, 2 ** 29, () => writer, sendSegments);
  writer.sendSegments(new OutgoingSegments());
  return {
    sent,
    result(value: unknown): void {
      writer.result(1, value);
      outbox.flushSoon();
    },
  };
}

it('A segment leaves with its frame, and with what waited before it', () => {
  const { sent, result } = outboxOver('parts');
  result(1);
  expect(sent).toEqual([]);
  result(new Uint8Array(64 * KIB));
  expect(sent).toEqual([[13 + 26, 64 * KIB]]);
  result([new Uint8Array(100 * KIB), new Uint8Array(64 * KIB)]);
  expect(sent.slice(1)).toEqual([[37, 100 * KIB, 64 * KIB]]);
});

it('A segment that is large begins a write of its own, as the kernel copies it faster so', () => {
  const { sent, result } = outboxOver('parts');
  result([new Uint8Array(64 * KIB), new Uint8Array(256 * KIB)]);
  expect(sent).toEqual([[37], [64 * KIB], [256 * KIB]]);
});

it('Where a transport takes no parts together they are sent one by one', () => {
  const { sent, result } = outboxOver('bytes');
  result(new Uint8Array(64 * KIB));
  expect(sent).toEqual([[26], [64 * KIB]]);
});
