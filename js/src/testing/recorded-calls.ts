/** The arguments of every call that was made, by the names of the generated client. */
import type { ModuleClient } from '../core/client/module-client.js';
import type { ServiceFactory } from '../core/client/service-factory.js';
import type { ServiceInstance } from '../core/client/service-instance.js';
import type { OwnNames } from './handlers.js';

type ArgumentsOf<Method> = Method extends (...args: infer Arguments) => unknown
  ? readonly Arguments[]
  : never;

type InstanceOf<Factory> = {
  [Name in keyof Factory]: Factory[Name] extends (...args: never[]) => Promise<infer Result>
    ? Extract<Result, ServiceInstance>
    : never;
}[keyof Factory];

type ServiceCalls<Factory> = {
  readonly [Name in OwnNames<Factory, ServiceFactory>]: ArgumentsOf<Factory[Name]>;
} & {
  readonly [Name in OwnNames<InstanceOf<Factory>, ServiceInstance>]: ArgumentsOf<
    InstanceOf<Factory>[Name]
  >;
};

/** `calls.quote[0]` are the arguments of the first `quote()`; `calls.Counter.increment` of instances. */
export type RecordedCalls<Module extends ModuleClient> = {
  readonly [Name in OwnNames<Module, ModuleClient>]: Module[Name] extends ServiceFactory
    ? ServiceCalls<Module[Name]>
    : ArgumentsOf<Module[Name]>;
};
