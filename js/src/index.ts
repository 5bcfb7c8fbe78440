/** The public names of the package. */

export type {
  AbortSignalLike,
  CallOptions,
  Client,
  WorkerState,
  WorkerStatus,
} from './core/client/client.js';
export type { SynapseStream } from './core/client/stream.js';
export {
  CallCancelledError,
  CallTimeoutError,
  ClosedError,
  ModuleStartError,
  QueueFullError,
  WorkerExitedError,
} from './core/errors.js';
export {
  DecodeError,
  EncodeError,
  ProtocolError,
  PythonError,
  SynapseError,
} from './core/protocol/errors.js';
export { connect } from './node/connect/connect.js';
export type { ConnectOptions } from './node/connect/options.js';
export { EnvironmentError, type EnvironmentEvent } from './node/env/index.js';
export type { LogRecord } from './node/supervisor/log-record.js';
export type { LogStream } from './node/synapse/logs.js';
export { type DisposeOptions, type SpawnOptions, Synapse } from './node/synapse/synapse.js';
