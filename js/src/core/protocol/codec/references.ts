// What stays at the other end, as it travels: numbers that it is known by there, of functions (extension 3)
// and of streams (extension 4).
// Implements "References" in the section "Values" of docs/protocol.md.

export const EXT_CALLBACK = 3;
export const EXT_STREAM = 4;

/** Bytes of a reference: an id from 1 on, unsigned, little-endian. */
export const REFERENCE_BYTES = 4;

/** The highest id that fits. */
export const MAX_REFERENCE = 2 ** 32 - 1;

/** A function that lives at the other end: valid until the call it came with has settled. */
export class CallbackReference {
  readonly id: number;

  constructor(id: number) {
    this.id = id;
  }

  get [Symbol.toStringTag](): string {
    return 'CallbackReference';
  }
}

/** Items that the other end has: valid, once, until the call it came with has settled. */
export class StreamReference {
  readonly id: number;

  constructor(id: number) {
    this.id = id;
  }

  get [Symbol.toStringTag](): string {
    return 'StreamReference';
  }
}

/** Returns the callback of an extension's data, or what the data are instead. */
export function callbackFromPayload(
  buffer: ArrayBufferLike,
  at: number,
  length: number,
): CallbackReference | string {
  const id = idFromPayload(buffer, at, length);
  return id === 0 ? `no callback reference: ${length} bytes` : new CallbackReference(id);
}

/** Returns the stream of an extension's data, or what the data are instead. */
export function streamFromPayload(
  buffer: ArrayBufferLike,
  at: number,
  length: number,
): StreamReference | string {
  const id = idFromPayload(buffer, at, length);
  return id === 0 ? `no stream reference: ${length} bytes` : new StreamReference(id);
}

function idFromPayload(buffer: ArrayBufferLike, at: number, length: number): number {
  return length === REFERENCE_BYTES ? new DataView(buffer, at, length).getUint32(0, true) : 0;
}
