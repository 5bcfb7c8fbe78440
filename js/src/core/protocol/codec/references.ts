// Functions of the other end, as they travel (extension 3): numbers that the other end knows them by.
// Implements "References" in the section "Values" of docs/protocol.md.

export const EXT_CALLBACK = 3;

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

/** Returns the reference of an extension's data, or what the data are instead. */
export function referenceFromPayload(data: DataView): CallbackReference | string {
  const id = data.byteLength === REFERENCE_BYTES ? data.getUint32(0, true) : 0;
  return id === 0 ? `no callback reference: ${data.byteLength} bytes` : new CallbackReference(id);
}
