/** All that a peer can do, for whoever cannot know what will be asked of it. */
import { ALL_EXTENSIONS } from '../protocol/codec/all-extensions.js';
import { ArrivedSegments, OutgoingSegments } from '../protocol/codec/segment-references.js';
import { segmentRooms } from '../protocol/segments.js';
import type { Abilities } from './abilities.js';
import { Serving } from './serving.js';
import { SlicedReception } from './sliced-reception.js';

export const ALL_ABILITIES: Abilities = {
  extensions: ALL_EXTENSIONS,
  serving: (link) => new Serving(link),
  slices: (transport, extensions, inTurn) => new SlicedReception(transport, extensions, inTurn),
  segments: {
    rooms: segmentRooms,
    arrived: (segments) => new ArrivedSegments(segments),
    outgoing: () => new OutgoingSegments(),
  },
};
