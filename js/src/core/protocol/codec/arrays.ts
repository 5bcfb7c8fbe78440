// Arrays as they travel (extension 2). Implements "Arrays" in the section "Values" of docs/protocol.md.
//
//   offset  size      field
//   0       1         number of the dtype
//   1       1         number of dimensions, n
//   2       2         zero
//   4       4 n       length of each dimension, unsigned, little-endian
//   4+4n    to 8      zeros, up to a multiple of 8
//   …       the rest  the numbers, little-endian, the last dimension varying fastest
//
// Every machine that Node and browsers run on is little-endian in practice: the numbers are not turned.

import * as limits from '../limits.js';
import { type DType, layouts, sizeOf, type TypedArray } from './dtypes.js';
import { NdArray } from './nd-array.js';

export const EXT_ARRAY = 2;

const HEADER_BYTES = 4;
const ALIGNMENT = 8;

const DTYPE_OF_CODE: ReadonlyMap<number, DType> = /* @__PURE__ */ dtypesByCode();

function dtypesByCode(): Map<number, DType> {
  return new Map(Object.entries(layouts).map(([name, { code }]) => [code, name as DType]));
}

/** Returns what stands before the numbers of an array. */
export function arrayHeader(dtype: DType, shape: readonly number[]): Uint8Array {
  const header = new Uint8Array(dataStart(shape.length));
  header[0] = layouts[dtype].code;
  header[1] = shape.length;
  const view = new DataView(header.buffer);
  for (let index = 0; index < shape.length; index++) {
    view.setUint32(HEADER_BYTES + 4 * index, shape[index]!, true);
  }
  return header;
}

/**
 * Returns the array of an extension's data, a copy of its own, or what the data are instead.
 *
 * All sizes are compared before anything is made: an array is never larger than the bytes that came.
 */
export function arrayFromPayload(
  buffer: ArrayBufferLike,
  at: number,
  length: number,
): NdArray | string {
  const header = readHeader(new DataView(buffer, at, length));
  if (typeof header === 'string') return header;
  // The copy begins where any array may: what came may lie at an odd address, in a buffer that is used again.
  const { start } = header;
  return arrayOf(header, length - start, () => {
    return new Uint8Array(buffer, at + start, length - start).slice();
  });
}

/** Returns the array of a header and, apart from it, the bytes of its numbers, which become its own. */
export function arrayFromHeader(view: DataView, data: Uint8Array<ArrayBuffer>): NdArray | string {
  const header = readHeader(view);
  if (typeof header === 'string') return header;
  return header.start === view.byteLength
    ? arrayOf(header, data.length, () => data)
    : `an array with ${view.byteLength - header.start} bytes behind its header`;
}

interface Header {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Where it ends. */
  readonly start: number;
}

function readHeader(view: DataView): Header | string {
  const length = view.byteLength;
  if (length < HEADER_BYTES) {
    return `an array extension of ${length} bytes`;
  }
  const dtype = DTYPE_OF_CODE.get(view.getUint8(0));
  const dimensions = view.getUint8(1);
  if (dtype === undefined || dimensions > limits.maxDimensions || view.getUint16(2) !== 0) {
    return `an array extension with the header 0x${view.getUint32(0).toString(16).padStart(8, '0')}`;
  }
  const start = dataStart(dimensions);
  if (length < start) {
    return `an array extension of ${dimensions} dimensions in ${length} bytes`;
  }
  if (dimensions % 2 === 0 && view.getUint32(start - 4) !== 0) {
    return `an array extension of ${dimensions} dimensions with other padding than zeros`;
  }
  const shape = Array.from({ length: dimensions }, (_, index) =>
    view.getUint32(HEADER_BYTES + 4 * index, true),
  );
  return { dtype, shape, start };
}

/** All sizes are compared before `dataOf` makes anything. */
function arrayOf(
  { dtype, shape }: Header,
  length: number,
  dataOf: () => Uint8Array<ArrayBuffer>,
): NdArray | string {
  const { arrays, parts } = layouts[dtype];
  if (sizeOf(shape) * parts * arrays.BYTES_PER_ELEMENT !== length) {
    return `an array extension of ${dtype} with the shape [${shape.join(', ')}] in ${length} bytes`;
  }
  const data: TypedArray = new arrays(dataOf().buffer);
  if (dtype === 'bool' && (data as Uint8Array).some((byte) => byte > 1)) {
    return 'an array extension of bool with other bytes than 0 and 1';
  }
  return new NdArray(data, shape, dtype);
}

function dataStart(dimensions: number): number {
  return Math.ceil((HEADER_BYTES + 4 * dimensions) / ALIGNMENT) * ALIGNMENT;
}
