// Plans of NumPy arrays, with their dtype and shape as far as these are annotated.

import {
  type DType,
  type DTypeArrays,
  NdArray,
  type TypedArray,
} from '../protocol/codec/nd-array.js';
import { mismatch } from './mismatches.js';
import { define, type Plan } from './plan.js';

/** An array; a `null` in the shape is a length that is open. Also written for a bare typed array. */
export function ndarray<D extends DType = DType>(
  dtype?: D | null,
  shape?: readonly (number | null)[],
): Plan<NdArray<DTypeArrays[D]>> {
  const dimensions = shape?.map((length) => length ?? '…').join(', ');
  const expected = `ndarray${dtype ? ` of ${dtype}` : ''}${dimensions === undefined ? '' : ` with the shape [${dimensions}]`}`;
  return define<NdArray<DTypeArrays[D]>>({
    expected: () => expected,
    read: (value, place) => {
      if (
        !(value instanceof NdArray) ||
        (dtype && value.dtype !== dtype) ||
        (shape && !hasShape(value, shape))
      ) {
        throw mismatch(place, expected, value);
      }
      return value as NdArray<DTypeArrays[D]>;
    },
    write: (value: unknown) => (isTypedArray(value) ? wrapped(value, dtype) : value),
    fits: (value, look) =>
      (value instanceof NdArray && (!dtype || value.dtype === dtype)) ||
      (look.ours && isTypedArray(value)),
  });
}

function hasShape(array: NdArray, shape: readonly (number | null)[]): boolean {
  return (
    array.shape.length === shape.length &&
    shape.every((length, index) => length === null || length === array.shape[index])
  );
}

function isTypedArray(value: unknown): value is TypedArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

/** Wraps a typed array as one of the dtype, if it can hold one: bytes may be bools, floats complex numbers. */
function wrapped(value: TypedArray, dtype: DType | null | undefined): unknown {
  if (dtype === 'bool' && value instanceof Uint8Array) return new NdArray(value, undefined, dtype);
  const isComplex =
    (dtype === 'complex64' && value instanceof Float32Array) ||
    (dtype === 'complex128' && value instanceof Float64Array);
  if (isComplex && value.length % 2 === 0) return new NdArray(value, undefined, dtype);
  return value instanceof Uint8Array ? new NdArray(value) : value;
}
