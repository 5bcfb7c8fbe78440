// Arrays among the values: NdArrays, and typed arrays as arrays of one dimension. How they are laid out is the room
// `arrays`.

import { arrayFromPayload, arrayHeader, EXT_ARRAY } from './arrays.js';
import { arrayFault, type DType, dtypeOf } from './dtypes.js';
import type { Extensions } from './extension-tables.js';
import type { NdArray } from './nd-array.js';
import { Refusal, tagOf } from './refusals.js';
import type { ScalarWriter } from './scalar-writer.js';

/** It may be of another copy of this package, or no array at all and only say that it is one. */
function writeNdArray(out: ScalarWriter, value: unknown): void {
  const { data, shape, dtype } = value as NdArray;
  const fault = ArrayBuffer.isView(data)
    ? arrayFault(data, tagOf(data), shape, dtype)
    : 'an array without data';
  if (fault !== undefined) {
    throw new Refusal(`${fault}; make it with new NdArray(data, shape)`);
  }
  writeNumbers(out, dtype, shape, data);
}

function writeTypedArray(out: ScalarWriter, view: ArrayBufferView, tag: string): void {
  const dtype = dtypeOf(tag);
  if (dtype === undefined) {
    throw new Refusal(
      `a ${tag} cannot travel; copy its numbers into a Float32Array or another array of NumPy's types`,
    );
  }
  writeNumbers(out, dtype, [(view as Uint8Array).length], view);
}

function writeNumbers(
  out: ScalarWriter,
  dtype: DType,
  shape: readonly number[],
  { buffer, byteOffset, byteLength }: ArrayBufferView,
): void {
  const data = new Uint8Array(buffer, byteOffset, byteLength);
  const header = arrayHeader(dtype, shape);
  if (out.segments?.takes(data) === true) {
    out.segment(data, header);
    return;
  }
  out.extensionHeader(EXT_ARRAY, header.length + data.length);
  out.raw(header);
  out.raw(data);
}

function arrays(): Extensions {
  return {
    readers: new Map([[EXT_ARRAY, arrayFromPayload]]),
    writers: new Map([['NdArray', writeNdArray]]),
    writeView: writeTypedArray,
  };
}

export const ARRAYS: Extensions = /* @__PURE__ */ arrays();
