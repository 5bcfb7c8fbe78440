// Errors: what they are, and that they cross the wire whatever they hold.
import { expect, jest, test } from '@jest/globals';
import { StaleClientError } from '../../../src/core/errors.js';
import { decodeValue } from '../../../src/core/protocol/codec/decode.js';
import { encodeValue } from '../../../src/core/protocol/codec/encode.js';
import {
  DecodeError,
  EncodeError,
  errorFromWire,
  errorToWire,
  FrameError,
  IntegerRangeError,
  ProtocolError,
  PythonError,
  ResultError,
  SynapseError,
  ValidationError,
} from '../../../src/core/protocol/errors.js';

const MAP = {
  code: 'PYTHON_EXCEPTION',
  message: 'division by zero',
  type: 'ZeroDivisionError',
  module: 'builtins',
  bases: ['ArithmeticError'],
  traceback:
    'Traceback (most recent call last):\n  File "main.py"\nZeroDivisionError: division by zero\n',
  retryable: false,
  details: null,
  notes: ['while dividing'],
  cause: null,
};

test('an exception of Python comes with everything that is known of it', () => {
  const error = errorFromWire({ ...MAP, cause: { ...MAP, type: 'KeyError' } }) as PythonError;
  expect(error).toBeInstanceOf(PythonError);
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({
    name: 'PythonError',
    code: 'PYTHON_EXCEPTION',
    message: 'division by zero',
    pythonType: 'ZeroDivisionError',
    pythonModule: 'builtins',
    bases: ['ArithmeticError'],
    notes: ['while dividing'],
    retryable: false,
    details: null,
  });
  expect(error.traceback).toBe(MAP.traceback);
  expect((error.cause as PythonError).pythonType).toBe('KeyError');
  expect(error.stack).toContain('File "main.py"');
});

test.each([
  ['ENCODE_FAILED', EncodeError],
  ['DECODE_FAILED', DecodeError],
  ['PROTOCOL_ERROR', ProtocolError],
  ['FRAME_TOO_LARGE', FrameError],
  ['FRAME_TRUNCATED', FrameError],
  ['FRAME_STALLED', FrameError],
  ['PYTHON_EXCEPTION', PythonError],
  ['METHOD_NOT_FOUND', SynapseError],
  ['VALIDATION_FAILED', ValidationError],
  ['RESULT_INVALID', ResultError],
  ['INTEGER_OUT_OF_RANGE', IntegerRangeError],
])('the code %s gives the class that a caller handles', (code, type) => {
  const error = errorFromWire({ code, message: 'm', retryable: true });
  expect(error.constructor).toBe(type);
  expect([error.code, error.message, error.retryable]).toEqual([code, 'm', true]);
});

test('the place of what could not be encoded comes along', () => {
  const error = errorFromWire({ code: 'ENCODE_FAILED', message: 'm', details: { path: '$.a[1]' } });
  expect((error as EncodeError).path).toBe('$.a[1]');
  expect(error.details).toEqual({ path: '$.a[1]' });
});

test('what is wrong with a value crosses the wire in parts', () => {
  const argument = { parameter: 'order', path: 'order.price', expected: 'float', got: 'str "x"' };
  const wrong = new ValidationError('m', { method: 'quote', ...argument });
  const there = errorFromWire(decodeValue(encodeValue(errorToWire(wrong))));
  expect(there).toBeInstanceOf(ValidationError);
  expect(there).toMatchObject({ message: 'm', method: 'quote', ...argument });
  expect(there.details).toEqual({ method: 'quote', ...argument });

  const result = new ResultError('m', {
    method: 'quote',
    path: '$.a',
    expected: 'int',
    got: 'None',
  });
  const back = errorFromWire(decodeValue(encodeValue(errorToWire(result))));
  expect(back).toBeInstanceOf(ResultError);
  expect(back.details).toEqual({ method: 'quote', path: '$.a', expected: 'int', got: 'None' });

  const range = errorFromWire(errorToWire(new IntegerRangeError('m', { path: '$.id' })));
  expect(range).toBeInstanceOf(IntegerRangeError);
  expect(range).toMatchObject({ method: '', path: '$.id', details: { method: '', path: '$.id' } });

  const given = { method: 'quote', parameter: 'symbol', path: 'symbol', expected: 'str' };
  const missing = errorFromWire(
    errorToWire(new ValidationError('m', given, { code: 'INVALID_ARGUMENTS' })),
  );
  expect(missing).toBeInstanceOf(ValidationError);
  expect(missing).toMatchObject({ code: 'INVALID_ARGUMENTS', ...given, got: '' });
});

test('odd details of a wrong value get plain defaults', () => {
  const error = errorFromWire({
    code: 'VALIDATION_FAILED',
    message: 'm',
    details: { path: 7, got: 'x' },
  });
  expect(error).toMatchObject({ method: '', parameter: '', path: '$', expected: '', got: 'x' });
});

test.each([
  [null],
  [1],
  ['x'],
  [[]],
  [{}],
  [{ code: 1 }],
  [{ cause: 3, notes: 4 }],
  [new Map([[1, 2]])],
])('the odd map %p gives a plain error', (map) => {
  const error = errorFromWire(map);
  expect(error).toBeInstanceOf(SynapseError);
  expect([error.code, error.cause]).toEqual(['INTERNAL', undefined]);
});

test('endless causes end', () => {
  const map: Record<string, unknown> = { code: 'X', message: 'm' };
  map.cause = map;
  let depth = 0;
  for (let error: unknown = errorFromWire(map).cause; error; error = (error as Error).cause)
    depth++;
  expect(depth).toBe(16);
  const error = new Error('m');
  error.cause = error;
  depth = 0;
  for (let wire = errorToWire(error).cause; wire; wire = wire.cause) depth++;
  expect(depth).toBe(16);
});

test('ours are recognised by brand, also from another copy of the package', () => {
  let copy: typeof import('../../../src/core/protocol/errors.js') | undefined;
  jest.isolateModules(() => {
    copy = require('../../../src/core/protocol/errors.js');
  });
  const foreign = new copy!.SynapseError('X', 'm');
  expect(foreign).not.toBeInstanceOf(SynapseError);
  expect(SynapseError.is(foreign)).toBe(true);
  expect(SynapseError.is(new EncodeError('m'))).toBe(true);
  for (const other of [new Error('m'), null, undefined, 'x', { code: 'X' }]) {
    expect(SynapseError.is(other)).toBe(false);
  }
});

test('names survive and are not among the own properties', () => {
  for (const [error, name] of [
    [new SynapseError('X', 'm'), 'SynapseError'],
    [new EncodeError('m'), 'EncodeError'],
    [new DecodeError('m'), 'DecodeError'],
    [new ProtocolError('m'), 'ProtocolError'],
    [new FrameError('FRAME_TOO_LARGE', 'm'), 'FrameError'],
    [new PythonError('m'), 'PythonError'],
    [new IntegerRangeError('m'), 'IntegerRangeError'],
    [new ValidationError('m', {}), 'ValidationError'],
    [new ResultError('m', {}), 'ResultError'],
    [new StaleClientError('m', { difference: '', expected: '', actual: '' }), 'StaleClientError'],
  ] as const) {
    expect(error.name).toBe(name);
    expect(String(error)).toBe(`${name}: m`);
    // Those of the client have it as a field.
    if (!(error instanceof StaleClientError)) expect(Object.keys(error)).not.toContain('name');
  }
});

test.each([
  ['an error of ours', new SynapseError('X', 'm', { details: [1], retryable: true })],
  ['a plain Error', new TypeError('m', { cause: new Error('why') })],
  ['text', 'boom'],
  ['nothing', undefined],
  ['an object without a prototype', Object.create(null)],
  ['a long message', new Error('x'.repeat(1_000_000))],
  ['a lone surrogate', new Error('\ud800')],
])('%s can be sent', (_, thrown) => {
  const map = decodeValue(encodeValue(errorToWire(thrown))) as Record<string, string>;
  expect(map.message!.length).toBeLessThanOrEqual(65_536);
  expect(errorFromWire(map)).toBeInstanceOf(SynapseError);
});

test('an exception of Python goes on as it came', () => {
  const { cause: _, ...map } = errorToWire(errorFromWire(MAP));
  expect(map).toEqual({ ...MAP, cause: undefined });
});

test('retryable follows the code unless it is said', () => {
  expect(new SynapseError('WORKER_EXITED', 'm').retryable).toBe(true);
  expect(new SynapseError('INTERNAL', 'm').retryable).toBe(false);
  expect(new SynapseError('WORKER_EXITED', 'm', { retryable: false }).retryable).toBe(false);
});
