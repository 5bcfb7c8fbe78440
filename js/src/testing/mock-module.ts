/** `mockModule()`: an instance of a generated client whose functions are the test's own. */
import type { ModuleClass, ModuleClient } from '../core/client/module-client.js';
import type { ModuleHandlers } from './handlers.js';
import { type HandlerTable, MockRuntime } from './mock-runtime.js';
import type { RecordedCalls } from './recorded-calls.js';

/** What a mock knows beside its module. */
export interface MockRecord<Module extends ModuleClient> {
  /** The arguments of every call so far, by name, also of those that were not mocked. */
  readonly calls: RecordedCalls<Module>;
  /** Adds handlers, or puts others in their place. */
  handle(handlers: ModuleHandlers<Module>): void;
  /** Forgets the calls. */
  reset(): void;
}

/** A generated client that calls handlers. */
export type MockedModule<Module extends ModuleClient> = Module & {
  readonly mock: MockRecord<Module>;
};

/**
 * Makes a client of the generated class whose methods call `handlers`, in this process.
 *
 *     const pricing = mockModule(Pricing, {
 *       quote: async (symbol) => ({ symbol, price: 1.5 }),
 *       ticks: function* (symbol) { yield { symbol, price: 1.5 }; },
 *       Counter: { create: (start = 0) => ({ increment: (by = 1) => (start += by) }) },
 *     });
 *     await pricing.quote('ACME');
 *     pricing.mock.calls.quote; // [['ACME']]
 *
 * Handlers have the types of the methods they stand for. Their results pass through the codec and the
 * client's own plans: they arrive as copies, in the form that Python's would have, and what cannot
 * cross is refused. Whether a value has the annotated type is the compiler's to check, not the mock's,
 * and arguments reach the handler as they are. A method without a handler
 * rejects with `METHOD_NOT_FOUND`. An error of a generated class arrives as if Python had raised it;
 * any other error as it was thrown. Signals work; there are no timeouts.
 */
export function mockModule<Module extends ModuleClient>(
  type: ModuleClass<Module>,
  handlers: ModuleHandlers<Module> = {},
): MockedModule<Module> {
  const runtime = new MockRuntime(type.name, type.$spec, handlers as HandlerTable);
  const mock: MockRecord<Module> = {
    get calls() {
      return runtime.calls as unknown as RecordedCalls<Module>;
    },
    handle(more) {
      runtime.handlers = { ...runtime.handlers, ...(more as HandlerTable) };
    },
    reset: () => runtime.forgetCalls(),
  };
  return Object.defineProperty(new type(runtime), 'mock', { value: mock }) as MockedModule<Module>;
}
