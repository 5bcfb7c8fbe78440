// What the compiler knows of errors: a code belongs to a class, and telling codes apart tells classes apart.

import { expect, test } from '@jest/globals';
import {
  type CallError,
  type CallTimeout,
  CallTimeoutError,
  DecodeError,
  EnvironmentError,
  IntegerRangeError,
  PythonError,
  SynapseError,
  ValidationError,
} from '../../src/index.js';

const TIMEOUT: CallTimeout = {
  ...{ clock: 'run', timeoutMs: 5, queued: 0, workers: [] },
  phases: { queueMs: 1, runMs: 5, totalMs: 6 },
};

function told(error: CallTimeoutError | ValidationError | PythonError): unknown {
  if (error.code === 'CALL_TIMEOUT') return error.timeoutMs;
  if (error.code === 'PYTHON_EXCEPTION') return error.pythonType;
  // Both codes that are left are of one class.
  return error.code === 'INVALID_ARGUMENTS' ? error.parameter : error.path;
}

test('a code narrows a union of errors to its class', () => {
  expect(told(new CallTimeoutError('quote()', TIMEOUT))).toBe(5);
  expect(told(new PythonError('x', { pythonType: 'KeyError' }))).toBe('KeyError');
  expect(told(new ValidationError('x', { path: 'a.b' }))).toBe('a.b');
  const invalid = new ValidationError('x', { parameter: 'a' }, { code: 'INVALID_ARGUMENTS' });
  expect(told(invalid)).toBe('a');
});

test('a switch over the errors of a call narrows to every class', () => {
  function extra(error: CallError): unknown {
    switch (error.code) {
      case 'CALL_TIMEOUT':
        return error.timeoutMs;
      case 'CIRCUIT_OPEN':
        return error.retryAfterMs;
      case 'WORKER_EXITED':
        return error.maybeExecuted;
      case 'STALE_CLIENT':
        return error.details.difference;
      case 'RESULT_INVALID':
        return error.expected;
      case 'INTEGER_OUT_OF_RANGE':
        return error instanceof IntegerRangeError ? error.path : undefined;
      default:
        return error.message;
    }
  }
  expect(extra(new IntegerRangeError('x', { path: '$.id' }))).toBe('$.id');
});

test('a code that no error of a union has does not compile', () => {
  function wrong(error: CallTimeoutError | ValidationError, failure: CallError): unknown[] {
    return [
      // @ts-expect-error a typo
      error.code === 'CALL_TIMEOUTS',
      // @ts-expect-error of another class
      error.code === 'RESULT_INVALID',
      // @ts-expect-error no call fails with it
      failure.code === 'BUILD_FAILD',
      // @ts-expect-error not known before the code has been looked at
      error.timeoutMs,
    ];
  }
  const error = new CallTimeoutError('quote()', TIMEOUT);
  expect(wrong(error, error)).toEqual([false, false, false, 5]);
});

test('every class of error is a SynapseError, whose code may be any', () => {
  const errors: SynapseError[] = [
    new DecodeError('x'),
    new EnvironmentError('BUILD_FAILED', 'x'),
    new SynapseError('MY_OWN', 'x'),
  ];
  expect(errors.map(({ code }) => code)).toEqual(['DECODE_FAILED', 'BUILD_FAILED', 'MY_OWN']);
});
