/**
 * Many records of one shape as columns: what travels is each field once, as an array of its values. Numbers
 * become typed arrays, which need no decoding at either end. `synapse_worker.to_columns` and `to_rows` are
 * the same in Python.
 */
import { layouts } from '../protocol/codec/dtypes.js';
import { NdArray, type TypedArray } from '../protocol/codec/nd-array.js';
import { SynapseError } from '../protocol/errors.js';
import { setOwn } from '../protocol/own-properties.js';

/** The values of one field, in the order of the records. */
export type Column = TypedArray | NdArray | readonly unknown[];
/** Records field by field: columns of one length. */
export type Columns = Readonly<Record<string, Column>>;

/**
 * Returns records as columns. A column of whole numbers is an `Int32Array`, or a `BigInt64Array` where one
 * needs more bits; of other numbers a `Float64Array`; of booleans an `NdArray`; of anything else an array.
 *
 * @throws SynapseError `INVALID_ARGUMENTS` when the records do not all have the same fields.
 */
export function toColumns(rows: readonly object[]): Columns {
  const columns: Record<string, Column> = {};
  const first = rows[0];
  if (first === undefined) return columns;
  const names = Object.keys(first);
  const fields: unknown[][] = names.map(() => []);
  const inheritNothing = Object.keys(Object.prototype).length === 0;
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index]!;
    const read = inheritNothing && readInOrder(row, names, fields, index);
    if (!read) readByName(row, names, fields, index);
  }
  names.forEach((name, field) => {
    setOwn(columns, name, columnOf(fields[field]!));
  });
  return columns;
}

/**
 * Returns columns, also those that came from Python, as records.
 *
 * @throws SynapseError `INVALID_ARGUMENTS` when they are not of one length, or one is of complex numbers.
 */
export function toRows<Row extends object = Record<string, unknown>>(columns: Columns): Row[] {
  const names = Object.keys(columns);
  const fields = names.map((name) => valuesOf(columns[name]!));
  const length = fields[0]?.length ?? 0;
  const odd = fields.findIndex((field) => field.length !== length);
  if (odd >= 0) {
    throw invalid(
      `The column "${names[odd]}" has ${fields[odd]!.length} values, and "${names[0]}" has ${length}`,
    );
  }
  const rows: Record<string, unknown>[] = [];
  for (let index = 0; index < length; index++) {
    const row: Record<string, unknown> = {};
    for (let field = 0; field < names.length; field++) {
      setOwn(row, names[field]!, fields[field]![index]);
    }
    rows.push(row);
  }
  return rows as Row[];
}

/**
 * Puts the values of a record into the fields, at `index`, if it is a plain object with its properties in this order.
 * Going through all of them is several times as fast as asking for each by its name.
 */
function readInOrder(
  row: object,
  names: readonly string[],
  fields: readonly unknown[][],
  index: number,
): boolean {
  if (Object.getPrototypeOf(row) !== Object.prototype) return false;
  let field = 0;
  for (const name in row) {
    if (name !== names[field]) return false;
    fields[field]![index] = (row as Record<string, unknown>)[name];
    field++;
  }
  return field === names.length;
}

/** Does the same of any object that has exactly these properties. @throws SynapseError of another. */
function readByName(
  row: object,
  names: readonly string[],
  fields: readonly unknown[][],
  index: number,
): void {
  if (Object.keys(row).length !== names.length) throw unlike(index);
  names.forEach((name, field) => {
    if (!Object.hasOwn(row, name)) throw unlike(index);
    fields[field]![index] = (row as Record<string, unknown>)[name];
  });
}

function columnOf(values: readonly unknown[]): Column {
  switch (typeof values[0]) {
    case 'number':
      return numbersOf(values) ?? values;
    case 'boolean':
      return booleansOf(values) ?? values;
    default:
      return values;
  }
}

/** The narrowest array that holds these values, if all of them are numbers. */
function numbersOf(values: readonly unknown[]): TypedArray | undefined {
  const numbers = new Float64Array(values.length);
  let areInt32 = true;
  let areIntegers = true;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (typeof value !== 'number') return undefined;
    numbers[index] = value;
    if ((value | 0) === value && (value !== 0 || 1 / value > 0)) continue;
    areInt32 = false;
    areIntegers &&= Number.isSafeInteger(value) && value !== 0; // a zero here is the negative one
  }
  if (areInt32) return new Int32Array(numbers);
  return areIntegers ? integersOf(numbers) : numbers;
}

function integersOf(numbers: Float64Array): BigInt64Array {
  const integers = new BigInt64Array(numbers.length);
  for (let index = 0; index < numbers.length; index++) integers[index] = BigInt(numbers[index]!);
  return integers;
}

/** These values as an array of dtype `bool`, if all of them are booleans. */
function booleansOf(values: readonly unknown[]): NdArray | undefined {
  const bytes = new Uint8Array(values.length);
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (typeof value !== 'boolean') return undefined;
    bytes[index] = value ? 1 : 0;
  }
  return new NdArray(bytes, [values.length], 'bool');
}

/** The values of a column as they stand in records. */
function valuesOf(column: Column): ArrayLike<unknown> {
  if (!(column instanceof NdArray)) return withNumbers(column);
  const { data, dtype, shape } = column;
  if (shape.length !== 1) {
    throw invalid(`A column is an array of one dimension, and this one has ${shape.length}`);
  }
  if (layouts[dtype].parts !== 1) {
    throw invalid(`A column is of values that a record can hold, and this one is of ${dtype}`);
  }
  return dtype === 'bool' ? eachOf(data as Uint8Array, isTrue) : withNumbers(data);
}

/** The values with `number`s for integers of 64 bits, where these hold them. */
function withNumbers(values: TypedArray | readonly unknown[]): ArrayLike<unknown> {
  return values instanceof BigInt64Array || values instanceof BigUint64Array
    ? eachOf(values, numberIfExact)
    : values;
}

/** Five times as fast as `Array.from`. */
function eachOf<T>(values: ArrayLike<T>, convert: (value: T) => unknown): unknown[] {
  const converted: unknown[] = [];
  for (let index = 0; index < values.length; index++) converted.push(convert(values[index]!));
  return converted;
}

function isTrue(value: number): boolean {
  return value === 1;
}

function numberIfExact(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function unlike(index: number): SynapseError {
  return invalid(`Record ${index} has other fields than the first`);
}

function invalid(what: string): SynapseError {
  return new SynapseError('INVALID_ARGUMENTS', `${what}: they cannot be columns of one table.`);
}
