/**
 * What a peer can do beside calling methods and reading streams. Each ability stands by itself, and the peer asks
 * for none of them: a bundle holds those that its maker gives it. `all-abilities` has the whole.
 */
import type { Extensions } from '../protocol/codec/extension-tables.js';
import type { ArrivedSegments, OutgoingSegments } from '../protocol/codec/segment-references.js';
import type { RoomsOf } from '../protocol/frames.js';
import type { Allocate } from '../protocol/segments.js';
import type { Transport } from '../transport.js';
import type { Serving, ServingLink } from './serving.js';
import type { InTurn, SlicedReception } from './sliced-reception.js';

/** Large buffers behind a frame instead of in it. */
export interface SegmentAbility {
  rooms(allocate: Allocate): RoomsOf;
  arrived(segments: readonly Uint8Array<ArrayBuffer>[]): ArrivedSegments;
  outgoing(): OutgoingSegments;
}

export interface Abilities {
  /** What travels beside the values of MessagePack, times and large integers. Default: nothing. */
  readonly extensions?: Extensions;
  /** Serves functions and streams that were arguments; without it they cannot travel. */
  readonly serving?: (link: ServingLink) => Serving;
  /** Decodes large messages in slices; without it each takes one turn. */
  readonly slices?: (
    transport: Transport,
    extensions: Extensions,
    inTurn: InTurn,
  ) => SlicedReception;
  /** Without it buffers travel within their frames. */
  readonly segments?: SegmentAbility;
}
