/** What stands in for a module's functions: the types, derived from its generated client class. */
import type { ModuleClient } from '../core/client/module-client.js';
import type { ServiceFactory } from '../core/client/service-factory.js';
import type { ServiceInstance } from '../core/client/service-instance.js';
import type { SynapseStream } from '../core/client/stream.js';

/** Names that the generated class adds to those all clients have. */
export type OwnNames<T, Inherited> = Exclude<keyof T, keyof Inherited | symbol> & string;

/** What a handler may return for a result: for a service, the handlers of the new instance. */
export type HandlerResult<R> = R extends ServiceInstance ? InstanceHandlers<R> : R;

/**
 * A function with the arguments of the generated method. For a call it returns the result, or a
 * promise of it; for a stream anything that can be iterated over.
 */
export type Handler<Method> = Method extends (...args: infer Arguments) => infer Returned
  ? Returned extends SynapseStream<infer Item>
    ? (...args: Arguments) => Iterable<Item> | AsyncIterable<Item>
    : Returned extends Promise<infer Result>
      ? (...args: Arguments) => HandlerResult<Result> | Promise<HandlerResult<Result>>
      : never
  : never;

/** Handlers for the methods of one instance of a service; those left out reject. */
export type InstanceHandlers<Instance extends ServiceInstance> = {
  [Name in OwnNames<Instance, ServiceInstance>]?: Handler<Instance[Name]>;
};

/** Handlers for `create` and the class methods of a service. */
export type ServiceHandlers<Factory extends ServiceFactory> = {
  [Name in OwnNames<Factory, ServiceFactory>]?: Handler<Factory[Name]>;
};

/** Handlers for the functions and services of a module; those left out reject. */
export type ModuleHandlers<Module extends ModuleClient> = {
  [Name in OwnNames<Module, ModuleClient>]?: Module[Name] extends ServiceFactory
    ? ServiceHandlers<Module[Name]>
    : Handler<Module[Name]>;
};
