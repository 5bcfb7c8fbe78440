/**
 * What a peer can do beside calling methods and reading streams. Each ability stands by itself, and the peer asks
 * for none of them: a bundle holds those that its maker gives it. `all-abilities` has the whole.
 */

import type { AnswerWriter } from '../protocol/answer-writer.js';
import type { Extensions } from '../protocol/codec/extension-tables.js';
import type { ArrivedSegments } from '../protocol/codec/segment-references.js';
import type { FrameDecoder } from '../protocol/frames.js';
import type { WriterLimits } from '../protocol/message-writer.js';
import type { ReadRequest } from '../protocol/messages.js';
import type { Transport } from '../transport.js';
import type { Table } from './id-table.js';
import type { ReadShapes } from './method-shapes.js';
import type { Outbox, SendSegments } from './outbox.js';
import type { Serving, ServingLink } from './serving.js';
import type { CallSink } from './sinks.js';
import type { InTurn, SlicedReception } from './sliced-reception.js';

/** Large buffers behind a frame instead of in it. */
export interface SegmentAbility {
  decoder(maxFrameBytes: number, transport: Transport): FrameDecoder;
  /** What this end says that it reads. */
  capabilities(transport: Transport): string[];
  arrived(segments: readonly Uint8Array<ArrayBuffer>[]): ArrivedSegments;
  /** From now on large buffers are lent; the writer of `outbox` is one that serving has given. */
  lend(outbox: Outbox, transport: Transport): void;
  readonly send: SendSegments;
}

/** Answers to the other end's calls. */
export interface ServingAbility {
  readonly readRequest: ReadRequest;
  writer(writerLimits: WriterLimits): AnswerWriter;
  serve(link: ServingLink): Serving;
}

export interface Abilities {
  /** What travels beside the values of MessagePack, times and large integers. Default: nothing. */
  readonly extensions?: Extensions;
  /** Where the calls of a connection wait for their answers. Default: a `Map`. */
  readonly calls?: () => Table<CallSink>;
  /** Reads what the other end's HELLO says of its methods; without it nobody asks. */
  readonly shapes?: ReadShapes;
  /** Serves functions and streams that were arguments; without it they cannot travel. */
  readonly serving?: ServingAbility;
  /** Decodes large messages in slices; without it each takes one turn. */
  readonly slices?: (
    transport: Transport,
    extensions: Extensions,
    inTurn: InTurn,
  ) => SlicedReception;
  /** Without it buffers travel within their frames; so they do without `serving`, whose writer lends them. */
  readonly segments?: SegmentAbility;
}
