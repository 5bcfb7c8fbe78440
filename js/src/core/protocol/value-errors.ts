// Errors about a value: it cannot travel, did not come whole, or is not of the type it should be. Each
// says where in the value. Implements the section "Errors" of docs/protocol.md.

import { type ErrorOptions, nameClass, SynapseError } from './error-classes.js';

/** Options of an error that goes by one of several codes. */
interface Coded<Code> extends ErrorOptions {
  readonly code?: Code;
}

/** A value cannot travel. */
export class EncodeError extends SynapseError {
  declare readonly code: 'ENCODE_FAILED' | 'DEPTH_EXCEEDED';
  /** Where in the value the trouble is, as in `$.items[3].fn`. */
  declare readonly path: string;

  constructor(
    message: string,
    options: Coded<EncodeError['code']> & { readonly path?: string } = {},
  ) {
    const path = options.path ?? '$';
    super(options.code ?? 'ENCODE_FAILED', message, { ...options, details: { path } });
    Object.assign(this, this.details);
  }

  static {
    nameClass(EncodeError, 'EncodeError');
  }
}

/** Bytes that are not the value they should be. */
export class DecodeError extends SynapseError {
  declare readonly code: 'DECODE_FAILED' | 'DEPTH_EXCEEDED' | 'INTEGER_OUT_OF_RANGE';

  constructor(message: string, options: Coded<DecodeError['code']> = {}) {
    super(options.code ?? 'DECODE_FAILED', message, options);
  }

  static {
    nameClass(DecodeError, 'DecodeError');
  }
}

/** Where an integer came that no `number` holds. */
export interface IntegerPlace {
  readonly method: string;
  readonly path: string;
}

/**
 * An integer beyond ±(2^53 − 1) came where a `number` is promised; it is refused rather than rounded.
 *
 * Annotate it `Annotated[int, BigInt]` in Python to get a `bigint`.
 */
export class IntegerRangeError extends DecodeError {
  declare readonly code: 'INTEGER_OUT_OF_RANGE';
  declare readonly details: IntegerPlace;
  /** Python's name of the method whose result it is; empty where it is not known. */
  declare readonly method: string;
  /** Where in the result the integer is, as in `$.items[3].id`. */
  declare readonly path: string;

  constructor(message: string, options: ErrorOptions & Partial<IntegerPlace> = {}) {
    const { path = '$', method = '' } = options;
    super(message, { ...options, code: 'INTEGER_OUT_OF_RANGE', details: { method, path } });
    Object.assign(this, this.details);
  }

  static {
    nameClass(IntegerRangeError, 'IntegerRangeError');
  }
}

/** A value that is not of the type it should be. */
export interface Mismatch {
  /** Python's name of the method, as in `quote` or `Counter.increment`; empty where it is not known. */
  readonly method: string;
  /** Where the value is, as in `order.items[3].price`. */
  readonly path: string;
  /** The type that belongs there. */
  readonly expected: string;
  /** What is there instead. */
  readonly got: string;
}

/** A mismatch in an argument. */
export interface ArgumentMismatch extends Mismatch {
  /** The parameter that the argument is for. */
  readonly parameter: string;
}

/**
 * The arguments of a call are not what the method takes; no line of the method ran.
 *
 * `VALIDATION_FAILED`: one is not of the annotated type. `INVALID_ARGUMENTS`: one is missing, unknown,
 * given twice or too many; `parameter` and `path` are empty where no single one is at fault.
 */
export class ValidationError extends SynapseError implements ArgumentMismatch {
  declare readonly code: 'VALIDATION_FAILED' | 'INVALID_ARGUMENTS';
  declare readonly details: ArgumentMismatch;
  declare readonly method: string;
  declare readonly parameter: string;
  declare readonly path: string;
  declare readonly expected: string;
  declare readonly got: string;

  constructor(
    message: string,
    mismatch: Partial<ArgumentMismatch>,
    options: Coded<ValidationError['code']> = {},
  ) {
    const { method = '', parameter = '', path = '$', expected = '', got = '' } = mismatch;
    const details = { method, parameter, path, expected, got };
    super(options.code ?? 'VALIDATION_FAILED', message, { ...options, details });
    Object.assign(this, details);
  }

  static {
    nameClass(ValidationError, 'ValidationError');
  }
}

/** A method returned what its annotations do not allow. */
export class ResultError extends SynapseError implements Mismatch {
  declare readonly code: 'RESULT_INVALID';
  declare readonly details: Mismatch;
  declare readonly method: string;
  declare readonly path: string;
  declare readonly expected: string;
  declare readonly got: string;

  constructor(message: string, mismatch: Partial<Mismatch>, options: ErrorOptions = {}) {
    const { method = '', path = '$', expected = '', got = '' } = mismatch;
    super('RESULT_INVALID', message, { ...options, details: { method, path, expected, got } });
    Object.assign(this, this.details);
  }

  static {
    nameClass(ResultError, 'ResultError');
  }
}
