// Arrays of numbers with a type and a shape, as NumPy has them. How they travel is the room `arrays`.

import { SynapseError } from '../error-classes.js';
import * as limits from '../limits.js';
import {
  arrayFault,
  type DType,
  type DTypeArrays,
  dtypeOf,
  layouts,
  sizeOf,
  type TypedArray,
} from './dtypes.js';

export type { DType, DTypeArrays, TypedArray } from './dtypes.js';

/** A number, or arrays of numbers that are all of one length, to any depth. */
export type NestedNumbers = number | bigint | boolean | readonly NestedNumbers[];

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
