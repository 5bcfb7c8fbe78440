// Every bound of the protocol, by name. The same names and numbers stand in `limits.py`.
// Implements the section "Limits" of docs/protocol.md.

export const PROTOCOL_VERSION = 1;
export const MAGIC = 'synapse';

/** Largest payload of one frame; checked against the length prefix before anything is allocated. */
export const maxFrameBytes = 0x2000_0000;
/** How many times the limit of a frame its segments may hold together: 2 GiB, where a frame holds 512 MiB. */
export const segmentBytesPerFrameByte = 4;
/** Smallest buffer that we send as a segment; below it a copy costs less than what is saved. */
export const minSegmentBytes = 65_536;
/** Segments that one frame may have. */
export const maxSegments = 1024;
/** Smallest total of a frame's segments that we send through shared memory; there and back, a pipe is as fast below it. */
export const minSharedBytes = 524_288;
/** Largest total of them: as much memory stays in use beside the buffers themselves until the ends are idle. */
export const maxSharedBytes = 268_435_456;
/** Least that a number tells of a segment in shared memory that is not whole by it. */
export const minPieceBytes = 65_536;
/** Containers that may stand inside one another in a value; a scalar has depth 0. */
export const maxDepth = 128;
/** Ids travel in six bytes. */
export const maxId = 0xffff_ffff_ffff;
/** Longest two's complement of an integer that does not fit 64 bits (ext type 1). */
export const maxBigIntBytes = 65_536;
/** Dimensions of an array (ext type 2); NumPy 1 has no more either. */
export const maxDimensions = 32;
/** Cancels kept for calls that have not arrived yet; the oldest is dropped. */
export const maxRememberedCancels = 1024;
/** Items a reader of a stream lets the other end send ahead of it. */
export const streamWindowItems = 256;
/** Items one ITEMS message carries at most when we write it. */
export const maxItemsPerMessage = 256;
/** Longest line of the control channel, its newline included. */
export const maxControlLineBytes = 65_536;
/** Longest message, traceback or note of an error on the wire; longer ones lose their middle. */
export const maxErrorTextChars = 65_536;
/** Causes an error carries along; what lies behind them is cut off. */
export const maxErrorCauses = 16;
/** Notes an error carries along. */
export const maxErrorNotes = 64;
/** Names of ancestors an error carries along. */
export const maxErrorBases = 32;
