/** All that a peer can do, for whoever cannot know what will be asked of it. */
import { AnswerWriter } from '../protocol/answer-writer.js';
import { ALL_EXTENSIONS } from '../protocol/codec/all-extensions.js';
import { ArrivedSegments, OutgoingSegments } from '../protocol/codec/segment-references.js';
import { readRequest } from '../protocol/requests.js';
import { SegmentedDecoder } from '../protocol/segmented-decoder.js';
import { segmentRooms } from '../protocol/segments.js';
import type { Abilities } from './abilities.js';
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
    decoder: (maxFrameBytes, allocate) =>
      new SegmentedDecoder(maxFrameBytes, segmentRooms(allocate)),
    arrived: (segments) => new ArrivedSegments(segments),
    lend: (writer) => (writer as AnswerWriter).sendSegments(new OutgoingSegments()),
    send: sendSegments,
  },
};
