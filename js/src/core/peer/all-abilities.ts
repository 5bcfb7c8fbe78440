/** All that a peer can do, for whoever cannot know what will be asked of it. */
import { AnswerWriter } from '../protocol/answer-writer.js';
import { ALL_EXTENSIONS } from '../protocol/codec/all-extensions.js';
import { ArrivedSegments, OutgoingSegments } from '../protocol/codec/segment-references.js';
import { readRequest } from '../protocol/requests.js';
import { SegmentedDecoder } from '../protocol/segmented-decoder.js';
import { segmentRooms } from '../protocol/segments.js';
import type { Abilities } from './abilities.js';
import { SEGMENTS, SHARED } from './hello.js';
import { IdTable } from './id-table.js';
import { sendSegments } from './lent-segments.js';
import { readShapes } from './method-shapes.js';
import { Serving } from './serving.js';
import { SlicedReception } from './sliced-reception.js';

export const ALL_ABILITIES: Abilities = {
  extensions: ALL_EXTENSIONS,
  calls: () => new IdTable(),
  shapes: readShapes,
  serving: {
    readRequest,
    writer: (writerLimits) => new AnswerWriter(writerLimits),
    serve: (link) => new Serving(link),
  },
  slices: (transport, extensions, inTurn) => new SlicedReception(transport, extensions, inTurn),
  segments: {
    decoder: (maxFrameBytes, transport) => {
      const allocate = (bytes: number) => transport.allocate?.(bytes) ?? new Uint8Array(bytes);
      const rooms = segmentRooms(allocate, transport.shared?.incoming);
      return new SegmentedDecoder(maxFrameBytes, rooms);
    },
    capabilities: ({ shared }) => (shared === undefined ? [SEGMENTS] : [SEGMENTS, SHARED]),
    arrived: (segments) => new ArrivedSegments(segments),
    lend: (outbox, { shared }) => {
      const writer = outbox.writer as AnswerWriter;
      writer.sendSegments(new OutgoingSegments());
      if (shared === undefined) return;
      shared.onIdle = () => {
        writer.trim();
        outbox.flushSoon();
      };
    },
    send: sendSegments,
  },
};
