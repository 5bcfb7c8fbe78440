// Reads the shared vectors: their bytes, their values and their messages (tests/vectors/README.md).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DType, NdArray } from '../../../src/core/protocol/codec/nd-array.js';
import { CallbackReference, StreamReference } from '../../../src/core/protocol/codec/references.js';

const VECTORS = join(__dirname, '../../../../tests/vectors');

export type Bytes = string | { repeat: string; times: number } | Bytes[];

export interface Vector {
  name: string;
  value?: unknown;
  bytes: Bytes;
  also?: Bytes[];
  as_float?: Bytes[];
  encode?: boolean;
  only?: 'python' | 'javascript';
  javascript_value?: unknown;
  javascript_bytes?: Bytes;
  error: string;
  path?: string;
  // frames and messages
  stream: Bytes;
  payloads: Bytes[] | { repeat: string; times: number };
  max_frame_bytes?: number;
  payload: Bytes;
  // biome-ignore lint/suspicious/noExplicitAny: what a message holds is what the tests are about
  message: any;
  of: string;
  id: number;
}

/** Returns a file of vectors, group by group. */
export function load<T = Vector>(name: string): Record<string, T[]> {
  return JSON.parse(readFileSync(join(VECTORS, name), 'utf8'));
}

/** Returns the vectors of some groups of a file (all if none is named) that concern JavaScript. */
export function cases(name: string, ...groups: string[]): Vector[] {
  const found = load(name);
  return (groups.length > 0 ? groups : Object.keys(found))
    .flatMap((group) => found[group] ?? [])
    .filter((vector) => vector.only !== 'python');
}

/** Returns the bytes that the notation of the vectors means. */
export function toBytes(notation: Bytes): Uint8Array {
  return new Uint8Array(Buffer.from(toHex(notation), 'hex'));
}

function toHex(notation: Bytes): string {
  if (typeof notation === 'string') return notation.replaceAll(' ', '');
  if (Array.isArray(notation)) return notation.map(toHex).join('');
  return toHex(notation.repeat).repeat(notation.times);
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

type Special = Record<string, unknown> & { times?: number; depth?: number; plain?: boolean };

/** Returns the value that the notation of the vectors means. */
export function toValue(notation: unknown): unknown {
  if (Array.isArray(notation)) return notation.map(toValue);
  if (typeof notation !== 'object' || notation === null) return notation;
  const kind = Object.keys(notation).find((key) => key.startsWith('$'));
  if (kind !== undefined) return special(kind, notation as Special);
  return Object.fromEntries(Object.entries(notation).map(([key, item]) => [key, toValue(item)]));
}

function special(kind: string, notation: Special): unknown {
  const value = notation[kind];
  const times = notation.times ?? 1;
  switch (kind) {
    case '$int':
      return BigInt(value as string);
    case '$pow': {
      const [base, exponent, add] = value as [number, number, number];
      const power = BigInt(Math.abs(base)) ** BigInt(exponent);
      return (base > 0 ? power : -power) + BigInt(add);
    }
    case '$float':
      return value === 'nan' ? Number.NaN : Number((value as string).replace('inf', 'Infinity'));
    case '$bytes':
      return toBytes({ repeat: value as string, times });
    case '$text':
      return (value as string).repeat(times);
    case '$concat':
      return (value as unknown[]).map(toValue).join('');
    case '$array':
      return Array.from({ length: times }, () => toValue(value));
    case '$nest':
      return nested(value as string, notation.depth!);
    case '$tuple':
      return toValue(value);
    case '$map': {
      const pairs = (value as [unknown, unknown][]).map(
        ([key, item]) => [toValue(key), toValue(item)] as const,
      );
      return notation.plain ? Object.fromEntries(pairs as [string, unknown][]) : new Map(pairs);
    }
    case '$ndarray':
      return ndArray(value as DType, notation);
    case '$callback':
      return new CallbackReference(value as number);
    case '$stream':
      return new StreamReference(value as number);
    case '$time':
      return new Date(value as string);
    case '$ms':
      return new Date(value as number);
    default:
      throw new Error(`${kind} is no notation that JavaScript knows`);
  }
}

const ARRAYS = {
  ...{ bool: Uint8Array, int8: Int8Array, uint8: Uint8Array, int16: Int16Array },
  ...{ uint16: Uint16Array, int32: Int32Array, uint32: Uint32Array, int64: BigInt64Array },
  ...{ uint64: BigUint64Array, float32: Float32Array, float64: Float64Array },
  ...{ complex64: Float32Array, complex128: Float64Array },
};

function ndArray(dtype: DType, notation: Special): NdArray {
  const data = new ARRAYS[dtype](toBytes(notation.data as string).buffer as ArrayBuffer);
  return new NdArray(data, notation.shape as number[], dtype);
}

function nested(kind: string, depth: number): unknown {
  let value: unknown = kind === 'array' ? [] : {};
  for (let level = 1; level < depth; level++) {
    value = kind === 'array' ? [value] : { a: value };
  }
  return value;
}

/** Whether two values are the same: types, signs of zero, NaN and the order of keys included. */
export function same(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) {
    return false;
  }
  if (Object.prototype.toString.call(left) !== Object.prototype.toString.call(right)) return false;
  if (Object.getPrototypeOf(left) !== Object.getPrototypeOf(right)) return false;
  if (left instanceof Uint8Array) return hex(left) === hex(right as Uint8Array);
  if (left instanceof NdArray) return sameArray(left, right as NdArray);
  if (left instanceof Date) return left.getTime() === (right as Date).getTime();
  if (left instanceof Map) return same([...left], [...(right as Map<unknown, unknown>)]);
  const keys = Object.keys(left);
  const others = Object.keys(right);
  return (
    keys.length === others.length &&
    keys.every(
      (key, index) =>
        key === others[index] &&
        same((left as Record<string, unknown>)[key], (right as Record<string, unknown>)[key]),
    )
  );
}

function sameArray(left: NdArray, right: NdArray): boolean {
  const bytes = ({ data }: NdArray) =>
    hex(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return (
    left.dtype === right.dtype &&
    same(left.shape, right.shape) &&
    left.data.constructor === right.data.constructor &&
    bytes(left) === bytes(right)
  );
}

/** Returns what `action` throws. */
export function thrownBy(action: () => unknown): Error & Record<string, unknown> {
  try {
    action();
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error('nothing was thrown');
}
