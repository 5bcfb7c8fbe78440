/** The public names of the package. */

export type { CallClock, CallPhases, CallTimeout } from './core/call-timeout.js';
export type {
  AbortSignalLike,
  CallClocks,
  CallOptions,
  Client,
  CloseOptions,
} from './core/client/client.js';
export { type Column, type Columns, toColumns, toRows } from './core/client/columns.js';
export { method, plainMethod } from './core/client/define-method.js';
export type {
  CircuitEvent,
  CircuitState,
  ClientEventName,
  ClientEvents,
  ClientListener,
  RecycleEvent,
  RecycleReason,
  RetryEvent,
  TimeoutEvent,
  UnresponsiveEvent,
  WorkerEvent,
  WorkerExitEvent,
} from './core/client/events.js';
export type { MethodDefinition, MethodSpec } from './core/client/method.js';
export { type ModuleClass, ModuleClient } from './core/client/module-client.js';
export type { ErrorSpec, ModuleSpec, ServiceSpec } from './core/client/module-spec.js';
export { ServiceFactory } from './core/client/service-factory.js';
export { type ServiceClass, ServiceInstance } from './core/client/service-instance.js';
export type {
  CallCounts,
  ClientStats,
  HistogramBucket,
  HistogramStats,
  LatencyStats,
  MethodStats,
  WorkerCounts,
  ZygoteStatus,
} from './core/client/stats.js';
export type { SynapseStream } from './core/client/stream.js';
export {
  CallCancelledError,
  type CallError,
  CallTimeoutError,
  CircuitOpenError,
  ClosedError,
  ModuleStartError,
  QueueFullError,
  type StaleClientDetails,
  StaleClientError,
  WorkerExitedError,
} from './core/errors.js';
export { type DType, NdArray, type TypedArray } from './core/protocol/codec/nd-array.js';
export {
  type ArgumentMismatch,
  DecodeError,
  EncodeError,
  type ErrorCode,
  IntegerRangeError,
  type Mismatch,
  ProtocolError,
  PythonError,
  ResultError,
  SynapseError,
  ValidationError,
} from './core/protocol/errors.js';
export { type ArrowTable, type Codec, type Plan, plan } from './core/schema/index.js';
export type { WorkerExitReason, WorkerState, WorkerStatus } from './core/worker-status.js';
export type { MethodOptions } from './node/connect/call-options.js';
export { connect } from './node/connect/connect.js';
export { connectModule, type ModuleConnectOptions } from './node/connect/connect-module.js';
export type { ConnectOptions, TraceContext } from './node/connect/options.js';
export type {
  RecycleOptions,
  RestartOptions,
  WatchdogOptions,
  WorkerCount,
} from './node/connect/pool-options.js';
export type { StalePolicy } from './node/connect/staleness.js';
export { EnvironmentError, type EnvironmentEvent } from './node/env/index.js';
export type { LogRecord } from './node/supervisor/connection/log-record.js';
export type { ResourceLimits } from './node/supervisor/pool-policy.js';
export type { LogStream } from './node/synapse/logs.js';
export { type DisposeOptions, type SpawnOptions, Synapse } from './node/synapse/synapse.js';
