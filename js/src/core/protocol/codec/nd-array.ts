// Arrays of numbers with a type and a shape, as NumPy has them. How they travel is the room `arrays`.

import { SynapseError } from '../error-classes.js';
import { limits } from '../limits.js';

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

/** A number, or arrays of numbers that are all of one length, to any depth. */
export type NestedNumbers = number | bigint | boolean | readonly NestedNumbers[];

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

const MAX_LENGTH = 2 ** 32 - 1;

const DTYPE_OF_CLASS: ReadonlyMap<string, DType> = new Map([
  ['Uint8ClampedArray', 'uint8' as DType],
  ...Object.entries(layouts)
    .filter(([name, { parts }]) => parts === 1 && name !== 'bool')
    .map(([name, { arrays }]) => [arrays.name, name as DType] as const),
]);

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

/**
 * Numbers of one type in rows and columns, to any dimension: NumPy's `ndarray`.
 *
 * `data` holds them in C order, the last dimension varying fastest. Bools are 0 and 1; a complex number is
 * two elements, its real and its imaginary part.
 */
export class NdArray<A extends TypedArray = TypedArray> {
  readonly data: A;
  /** The length of each dimension, outermost first; none for a single number. */
  readonly shape: readonly number[];
  readonly dtype: DType;

  /**
   * Wraps `data` without copying them. The shape is that of a flat array unless it is given.
   *
   * @throws SynapseError `INVALID_ARGUMENTS` when data, shape and dtype do not fit together.
   */
  constructor(data: A, shape?: readonly number[], dtype?: DType) {
    const className = Object.prototype.toString.call(data).slice(8, -1);
    const known = dtype ?? dtypeOf(className);
    if (known === undefined) {
      throw invalid(`a ${className} holds no numbers of a type that travels`);
    }
    const parts = layouts[known]?.parts ?? 1;
    const sizes = shape ?? [data.length / parts];
    const fault = arrayFault(data, className, sizes, known);
    if (fault !== undefined) {
      throw invalid(fault);
    }
    this.data = data;
    this.shape = Object.freeze([...sizes]);
    this.dtype = known;
  }

  /**
   * Makes an array of nested ones, all rows of one length: `NdArray.from([[1, 2], [3, 4]])`.
   *
   * Numbers become float64, bigints int64 and booleans bool, unless `dtype` says otherwise; a complex number
   * is `[re, im]`. A typed array becomes an array of one dimension, without a copy.
   *
   * @throws SynapseError `INVALID_ARGUMENTS` when rows differ in length, or the dtype cannot hold a number.
   */
  static from<A extends TypedArray>(values: A): NdArray<A>;
  static from<D extends DType = 'float64'>(
    values: NestedNumbers,
    dtype?: D,
  ): NdArray<DTypeArrays[D]>;
  static from(values: TypedArray | NestedNumbers, dtype?: DType): NdArray {
    return ArrayBuffer.isView(values)
      ? new NdArray(values as TypedArray, undefined, dtype)
      : fromNested(values, dtype);
  }

  /** How many numbers there are. */
  get size(): number {
    return sizeOf(this.shape);
  }

  get [Symbol.toStringTag](): string {
    return 'NdArray';
  }

  /** Returns the numbers as nested arrays, or the number where there are no dimensions. */
  toNested(): NestedNumbers {
    const { data, dtype } = this;
    const { parts } = layouts[dtype];
    const shape = parts === 2 ? [...this.shape, 2] : this.shape;
    let at = 0;
    const level = (dimension: number): NestedNumbers => {
      if (dimension === shape.length) {
        const number = data[at++]!;
        return dtype === 'bool' ? number !== 0 : number;
      }
      return Array.from({ length: shape[dimension]! }, () => level(dimension + 1));
    };
    return level(0);
  }
}

function fromNested(values: NestedNumbers, dtype?: DType): NdArray {
  const lengths: number[] = [];
  let first: NestedNumbers | undefined = values;
  while (Array.isArray(first)) {
    lengths.push(first.length);
    if (lengths.length > limits.maxDimensions + 1) {
      throw invalid(`an array has at most ${limits.maxDimensions} dimensions`);
    }
    first = first[0];
  }
  const kind =
    dtype ??
    (typeof first === 'bigint' ? 'int64' : typeof first === 'boolean' ? 'bool' : 'float64');
  if (!Object.hasOwn(layouts, kind)) {
    throw invalid(`there is no dtype ${kind} that travels`);
  }
  const { arrays, parts } = layouts[kind];
  const data = new arrays(sizeOf(lengths));
  let at = 0;
  const fill = (value: NestedNumbers, dimension: number): void => {
    if (dimension === lengths.length) {
      const number = element(value, kind);
      data[at] = number as never;
      if (data[at++] !== number && !/^(float|complex)/.test(kind)) {
        throw invalid(`${number} does not fit an array of ${kind}`);
      }
    } else if (Array.isArray(value) && value.length === lengths[dimension]) {
      for (const item of value) {
        fill(item, dimension + 1);
      }
    } else {
      throw invalid(`an array of the shape [${lengths.join(', ')}] has rows of that length alone`);
    }
  };
  fill(values, 0);
  return new NdArray(data, parts === 2 ? lengths.slice(0, -1) : lengths, kind);
}

/** Returns a number in the form that an array of this dtype takes. */
function element(value: NestedNumbers, dtype: DType): number | bigint {
  const wanted = dtype === 'bool' ? 'boolean' : /int64$/.test(dtype) ? 'bigint' : 'number';
  if (typeof value !== wanted) {
    throw invalid(`an array of ${dtype} is made of ${wanted}s, not of a ${typeof value}`);
  }
  return typeof value === 'bigint' ? value : Number(value);
}

function invalid(reason: string): SynapseError {
  return new SynapseError('INVALID_ARGUMENTS', `Cannot make an NdArray: ${reason}.`);
}
