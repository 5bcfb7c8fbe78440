// Errors: what they are, and that they cross the wire whatever they hold.
import { expect, jest, test } from '@jest/globals';
import { decodeValue } from '../../../src/core/protocol/codec/decode.js';
import { encodeValue } from '../../../src/core/protocol/codec/encode.js';
import {
  DecodeError,
  EncodeError,
  errorFromWire,
  errorToWire,
  FrameError,
  ProtocolError,
  PythonError,
  SynapseError,
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
  ['PYTHON_EXCEPTION', PythonError],
  ['METHOD_NOT_FOUND', SynapseError],
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
  ] as const) {
    expect(error.name).toBe(name);
    expect(String(error)).toBe(`${name}: m`);
    expect(Object.keys(error)).not.toContain('name');
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
