// The errors of Synapse and their form on the wire, under one roof.

export {
  type CodedErrorOptions,
  DecodeError,
  EncodeError,
  type ErrorCode,
  type ErrorOptions,
  FrameError,
  ProtocolError,
  PythonError,
  type PythonErrorOptions,
  SynapseError,
} from './error-classes.js';
export { type ErrorMap, errorFromWire, errorToWire } from './error-maps.js';
