// Every bound of the protocol, by name. The same names and numbers stand in `limits.py`.
// Implements the section "Limits" of docs/protocol.md.

export const PROTOCOL_VERSION = 1;
export const MAGIC = 'synapse';

export const limits = {
  /** Largest payload of one frame; checked against the length prefix before anything is allocated. */
  maxFrameBytes: 2 ** 29,
  /** How many times the limit of a frame its segments may hold together: 2 GiB, where a frame holds 512 MiB. */
  segmentBytesPerFrameByte: 4,
  /** Smallest buffer that we send as a segment; below it a copy costs less than what is saved. */
  minSegmentBytes: 65_536,
  /** Segments that one frame may have. */
  maxSegments: 1024,
  /** Containers that may stand inside one another in a value; a scalar has depth 0. */
  maxDepth: 128,
  /** Ids travel in six bytes. */
  maxId: 2 ** 48 - 1,
  /** Longest two's complement of an integer that does not fit 64 bits (ext type 1). */
  maxBigIntBytes: 65_536,
  /** Dimensions of an array (ext type 2); NumPy 1 has no more either. */
  maxDimensions: 32,
  /** Cancels kept for calls that have not arrived yet; the oldest is dropped. */
  maxRememberedCancels: 1024,
  /** Items a reader of a stream lets the other end send ahead of it. */
  streamWindowItems: 256,
  /** Items one ITEMS message carries at most when we write it. */
  maxItemsPerMessage: 256,
  /** Longest line of the control channel, its newline included. */
  maxControlLineBytes: 65_536,
  /** Longest message, traceback or note of an error on the wire; longer ones lose their middle. */
  maxErrorTextChars: 65_536,
  /** Causes an error carries along; what lies behind them is cut off. */
  maxErrorCauses: 16,
  /** Notes an error carries along. */
  maxErrorNotes: 64,
  /** Names of ancestors an error carries along. */
  maxErrorBases: 32,
} as const;
