/**
 * Many records of one shape as columns: what travels is each field once, as an array of its values. Numbers
 * become typed arrays, which need no decoding at either end. `synapse_worker.to_columns` and `to_rows` are
 * the same in Python.
 */
import { layouts } from '../protocol/codec/dtypes.js';
import { NdArray, type TypedArray } from '../protocol/codec/nd-array.js';
import { setOwn } from '../protocol/codec/own-properties.js';
import { SynapseError } from '../protocol/errors.js';

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
  for (const row of rows) {
    if (!hasFields(row, names.length)) throw unlike(rows.indexOf(row));
  }
  for (const name of names) setOwn(columns, name, columnOf(rows, name));
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

/** Whether a record has so many fields. To count them is five times as fast as to list them. */
function hasFields(row: object, count: number): boolean {
  let counted = 0;
  for (const _ in row) counted++;
  return counted === count || Object.keys(row).length === count; // the first counts inherited ones
}

function columnOf(rows: readonly object[], name: string): Column {
  const values = valuesIn(rows, name);
  switch (typeof values[0]) {
    case 'number':
      return numbersOf(values) ?? values;
    case 'boolean':
      return booleansOf(values) ?? values;
    default:
      return values;
  }
}

function valuesIn(rows: readonly object[], name: string): readonly unknown[] {
  const mayInherit = name in Object.prototype;
  const values: unknown[] = [];
  for (const row of rows) {
    const value = (row as Record<string, unknown>)[name];
    if ((mayInherit || value === undefined) && !Object.hasOwn(row, name)) {
      throw unlike(values.length);
    }
    values.push(value);
  }
  return values;
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
  if (dtype === 'bool') return Array.from(data as Uint8Array, (value) => value === 1);
  return withNumbers(data);
}

/** The values with `number`s for integers of 64 bits, where these hold them. */
function withNumbers(values: TypedArray | readonly unknown[]): ArrayLike<unknown> {
  if (!(values instanceof BigInt64Array || values instanceof BigUint64Array)) return values;
  return Array.from(values, (value) => {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  });
}

function unlike(index: number): SynapseError {
  return invalid(`Record ${index} has other fields than the first`);
}

function invalid(what: string): SynapseError {
  return new SynapseError('INVALID_ARGUMENTS', `${what}: they cannot be columns of one table.`);
}
