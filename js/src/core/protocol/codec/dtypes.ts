// The types of numbers that arrays are made of, how each is kept, and whether the parts of an array fit together.

import * as limits from '../limits.js';

/** NumPy's names of the number types that travel. */
export type DType =
  | 'bool'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float32'
  | 'float64'
  | 'complex64'
  | 'complex128';

/** The arrays that hold an {@link NdArray}'s numbers. */
export type TypedArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** What holds the numbers of each dtype; bools are 0 and 1, a complex number is its two parts. */
export interface DTypeArrays {
  bool: Uint8Array;
  int8: Int8Array;
  uint8: Uint8Array;
  int16: Int16Array;
  uint16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
  int64: BigInt64Array;
  uint64: BigUint64Array;
  float32: Float32Array;
  float64: Float64Array;
  complex64: Float32Array;
  complex128: Float64Array;
}

interface TypedArrayClass {
  readonly name: string;
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): TypedArray;
  new (buffer: ArrayBuffer): TypedArray;
}

/** How one dtype is kept: its code on the wire, its array, and how many elements make a number. */
export interface Layout {
  readonly code: number;
  readonly arrays: TypedArrayClass;
  readonly parts: 1 | 2;
}

/** The dtypes that travel (docs/protocol.md, "Arrays"). */
export const layouts: Readonly<Record<DType, Layout>> = {
  bool: { code: 1, arrays: Uint8Array, parts: 1 },
  int8: { code: 2, arrays: Int8Array, parts: 1 },
  uint8: { code: 3, arrays: Uint8Array, parts: 1 },
  int16: { code: 4, arrays: Int16Array, parts: 1 },
  uint16: { code: 5, arrays: Uint16Array, parts: 1 },
  int32: { code: 6, arrays: Int32Array, parts: 1 },
  uint32: { code: 7, arrays: Uint32Array, parts: 1 },
  int64: { code: 8, arrays: BigInt64Array, parts: 1 },
  uint64: { code: 9, arrays: BigUint64Array, parts: 1 },
  float32: { code: 10, arrays: Float32Array, parts: 1 },
  float64: { code: 11, arrays: Float64Array, parts: 1 },
  complex64: { code: 12, arrays: Float32Array, parts: 2 },
  complex128: { code: 13, arrays: Float64Array, parts: 2 },
};

const MAX_LENGTH = 0xffff_ffff;

const DTYPE_OF_CLASS: ReadonlyMap<string, DType> = /* @__PURE__ */ dtypesByClass();

function dtypesByClass(): Map<string, DType> {
  const own = Object.entries(layouts)
    .filter(([name, { parts }]) => parts === 1 && name !== 'bool')
    .map(([name, { arrays }]) => [arrays.name, name as DType] as const);
  return new Map([...own, ['Uint8ClampedArray', 'uint8']]);
}

/** Returns the dtype whose numbers stand in a typed array of this class, if there is one. */
export function dtypeOf(className: string): DType | undefined {
  return DTYPE_OF_CLASS.get(className);
}

/** Returns how many numbers an array of this shape holds. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const length of shape) {
    size *= length;
  }
  // Infinity times nothing, of lengths that no array has, is nothing too.
  return shape.includes(0) ? 0 : size;
}

/** Returns what is wrong with an array of these parts, if anything is. */
export function arrayFault(
  data: { readonly length: number },
  className: string,
  shape: readonly number[],
  dtype: DType,
): string | undefined {
  const layout = Object.hasOwn(layouts, dtype) ? layouts[dtype] : undefined;
  if (layout === undefined) {
    return `an array of the unknown dtype ${String(dtype)}`;
  }
  const fits =
    layout.arrays.name === className || (layout.code === 3 && dtypeOf(className) === dtype);
  if (!fits) {
    return `an array of ${dtype} keeps its numbers in a ${layout.arrays.name}, not in a ${className}`;
  }
  if (!Array.isArray(shape) || shape.length > limits.maxDimensions) {
    return `the shape of an array is an array of at most ${limits.maxDimensions} lengths`;
  }
  const odd = shape.find(
    (length) => !(Number.isInteger(length) && length >= 0 && length <= MAX_LENGTH),
  );
  if (odd !== undefined) {
    return `the length ${String(odd)} in the shape of an array is no integer from 0 to 2^32 − 1`;
  }
  const needed = sizeOf(shape) * layout.parts;
  return needed === data.length
    ? undefined
    : `an array of ${dtype} with the shape [${shape.join(', ')}] has ${needed} elements, but ${data.length} are given`;
}
