/** `synapse-worker/testing`: stand in for a module in tests, without Python. */

export type {
  Handler,
  HandlerResult,
  InstanceHandlers,
  ModuleHandlers,
  ServiceHandlers,
} from './handlers.js';
export { type MockedModule, type MockRecord, mockModule } from './mock-module.js';
export type { RecordedCalls } from './recorded-calls.js';
