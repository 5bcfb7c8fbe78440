// How errors travel: as maps with the fields of the section "Errors" of docs/protocol.md.

import {
  type ErrorOptions,
  FrameError,
  ProtocolError,
  PythonError,
  SynapseError,
} from './error-classes.js';
import * as limits from './limits.js';
import { isRecord } from './records.js';
import {
  DecodeError,
  EncodeError,
  IntegerRangeError,
  ResultError,
  ValidationError,
} from './value-errors.js';

/** The fields of an error on the wire. */
export interface ErrorMap {
  code: string;
  message: string;
  type: string;
  module: string;
  bases: string[];
  traceback: string;
  retryable: boolean;
  details: unknown;
  notes: string[];
  cause: ErrorMap | null;
}

/** Returns the error that an error map describes; missing or odd fields get plain defaults, it never fails. */
export function errorFromWire(map: unknown): SynapseError {
  return fromMap(map, limits.maxErrorCauses);
}

function fromMap(map: unknown, causesLeft: number): SynapseError {
  if (!isRecord(map)) {
    return new SynapseError('INTERNAL', 'The other end reported an error that is not a map.', {
      details: map,
    });
  }
  const code = text(map.code) || 'INTERNAL';
  const message = text(map.message);
  const options: ErrorOptions = {
    retryable: map.retryable === true,
    details: map.details ?? null,
    cause: isRecord(map.cause) && causesLeft > 0 ? fromMap(map.cause, causesLeft - 1) : undefined,
  };
  switch (code) {
    case 'ENCODE_FAILED':
      return new EncodeError(message, { ...options, path: texts(map.details).path || '$' });
    case 'DECODE_FAILED':
      return new DecodeError(message, options);
    case 'INTEGER_OUT_OF_RANGE':
      return new IntegerRangeError(message, { ...options, ...texts(map.details) });
    case 'VALIDATION_FAILED':
    case 'INVALID_ARGUMENTS':
      return new ValidationError(message, texts(map.details), { ...options, code });
    case 'RESULT_INVALID':
      return new ResultError(message, texts(map.details), options);
    case 'PROTOCOL_ERROR':
      return new ProtocolError(message, options);
    case 'FRAME_TOO_LARGE':
    case 'FRAME_TRUNCATED':
    case 'FRAME_STALLED':
      return new FrameError(code, message, options);
    default:
      return text(map.traceback) === '' && code !== 'PYTHON_EXCEPTION'
        ? new SynapseError(code, message, options)
        : new PythonError(message, { ...options, code, ...pythonFields(map) });
  }
}

function pythonFields(map: Record<string, unknown>) {
  return {
    pythonType: text(map.type) || 'Exception',
    pythonModule: text(map.module),
    bases: listOfText(map.bases),
    traceback: text(map.traceback),
    notes: listOfText(map.notes),
  };
}

/** Returns the error map of a failure of ours as far as it tells why: without stack, details and causes. */
export function failureToWire({ code, message, name, retryable }: SynapseError): ErrorMap {
  const known = { code, message, type: name, retryable };
  return { ...known, module: '', bases: [], traceback: '', details: null, notes: [], cause: null };
}

/** Returns the error map of anything that was thrown, with its causes. Never throws. */
export function errorToWire(error: unknown): ErrorMap {
  return toMap(error, limits.maxErrorCauses);
}

function toMap(error: unknown, causesLeft: number): ErrorMap {
  const ours = SynapseError.is(error) ? error : undefined;
  const thrown = error instanceof Error ? error : undefined;
  const cause = thrown?.cause;
  return {
    code: ours?.code ?? 'INTERNAL',
    message: bounded(thrown === undefined ? describe(error) : thrown.message),
    type: ours instanceof PythonError ? ours.pythonType : (thrown?.name ?? typeof error),
    module: ours instanceof PythonError ? ours.pythonModule : '',
    bases: ours instanceof PythonError ? [...ours.bases] : [],
    traceback: bounded((ours instanceof PythonError ? ours.traceback : thrown?.stack) ?? ''),
    retryable: ours?.retryable ?? false,
    details: ours?.details ?? null,
    notes: ours instanceof PythonError ? [...ours.notes] : [],
    cause:
      cause === undefined || cause === null || causesLeft === 0
        ? null
        : toMap(cause, causesLeft - 1),
  };
}

function describe(value: unknown): string {
  try {
    return String(value);
  } catch {
    return `an unprintable ${typeof value}`;
  }
}

/** Makes a text encodable (no lone surrogates) and cuts it in the middle if it is long. */
function bounded(value: string): string {
  const most = limits.maxErrorTextChars;
  const half = most / 2 - 50;
  const shorter =
    value.length <= most
      ? value
      : `${value.slice(0, half)}\n… ${value.length - 2 * half} characters left out …\n${value.slice(-half)}`;
  return shorter.replace(/\p{Surrogate}/gu, '\ufffd');
}

/** Returns the members of a record that are text. */
function texts(value: unknown): Record<string, string> {
  const entries = isRecord(value) ? Object.entries(value) : [];
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function listOfText(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
