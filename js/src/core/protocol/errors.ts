// The errors of Synapse and their form on the wire, under one roof.

export {
  type CodedErrorOptions,
  type ErrorCode,
  type ErrorOptions,
  FrameError,
  ProtocolError,
  PythonError,
  type PythonErrorOptions,
  SynapseError,
} from './error-classes.js';
export { type ErrorMap, errorFromWire, errorToWire, failureToWire } from './error-maps.js';
export {
  type ArgumentMismatch,
  DecodeError,
  EncodeError,
  type IntegerPlace,
  IntegerRangeError,
  type Mismatch,
  ResultError,
  ValidationError,
} from './value-errors.js';
