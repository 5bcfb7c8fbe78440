// A client as `synapse generate` writes one, cut down to what the tests of the mock need.
import type { CallOptions } from '../../src/core/client/client.js';
import { method } from '../../src/core/client/define-method.js';
import { ModuleClient } from '../../src/core/client/module-client.js';
import type { ModuleSpec } from '../../src/core/client/module-spec.js';
import { ServiceFactory } from '../../src/core/client/service-factory.js';
import { ServiceInstance } from '../../src/core/client/service-instance.js';
import type { SynapseStream } from '../../src/core/client/stream.js';
import { PythonError } from '../../src/core/protocol/errors.js';
import { type Plan, plan } from '../../src/core/schema/index.js';

export interface Quote {
  symbol: string;
  price: number;
  at: Date;
}

export interface OutOfStockDetails {
  symbol: string;
  until: Date;
}

export class OutOfStock extends PythonError {
  declare readonly pythonType: 'OutOfStock';
  declare readonly details: OutOfStockDetails;
}

export class Counter extends ServiceInstance {
  increment(by?: number, options?: CallOptions): Promise<number> {
    return this.$call(counterMethods.increment, [by], undefined, options);
  }

  history(options?: CallOptions): SynapseStream<number> {
    return this.$stream(counterMethods.history, [], undefined, options);
  }

  close(): Promise<void> {
    return this.$dispose();
  }
}

export class CounterFactory extends ServiceFactory {
  create(start?: number, options?: CallOptions): Promise<Counter> {
    return this.$call(counterMethods.create, [start], undefined, options);
  }

  from_file(path: string, options?: CallOptions): Promise<Counter> {
    return this.$call(counterMethods.from_file, [path], undefined, options);
  }
}

export class Pricing extends ModuleClient {
  static get $spec(): ModuleSpec {
    return spec;
  }

  readonly Counter: CounterFactory = new CounterFactory(this);

  quote(
    symbol: string,
    keywords?: { depth?: number | undefined },
    options?: CallOptions,
  ): Promise<Quote> {
    return this.$call(methods.quote, [symbol], keywords, options);
  }

  ticks(symbol: string, options?: CallOptions): SynapseStream<Quote> {
    return this.$stream(methods.ticks, [symbol], undefined, options);
  }

  tags(values: ReadonlySet<string>, options?: CallOptions): Promise<Set<string>> {
    return this.$call(methods.tags, [values], undefined, options);
  }

  size(options?: CallOptions): Promise<number> {
    return this.$call(methods.size, [], undefined, options);
  }

  each(callback: (at: number) => void, options?: CallOptions): Promise<null> {
    return this.$call(methods.each, [callback], undefined, options);
  }

  ingest(quotes: AsyncIterable<Quote> | Iterable<Quote>, options?: CallOptions): Promise<number> {
    return this.$call(methods.ingest, [quotes], undefined, options);
  }

  current(name: string, options?: CallOptions): Promise<Counter | null> {
    return this.$call(methods.current, [name], undefined, options);
  }
}

const quotePlan: Plan = plan.object({ at: plan.date });
const counterPlan = plan.service(() => Counter);

const counterMethods = {
  create: method({ name: 'Counter.$new', parameters: ['start?'], result: counterPlan }),
  from_file: method({ name: 'Counter.from_file', parameters: ['path'], result: counterPlan }),
  increment: method({ name: 'Counter.increment', parameters: ['by?'] }),
  history: method({ name: 'Counter.history', parameters: [], stream: true }),
};

const methods = {
  quote: method({ name: 'quote', parameters: ['symbol', '*', 'depth?'], result: quotePlan }),
  ticks: method({ name: 'ticks', parameters: ['symbol'], stream: true, result: quotePlan }),
  tags: method({
    name: 'tags',
    parameters: ['values'],
    arguments: { values: plan.set() },
    result: plan.set(plan.string),
  }),
  size: method({ name: 'size', parameters: [] }),
  each: method({
    name: 'each',
    parameters: ['callback'],
    arguments: { callback: plan.callback({ args: [plan.integer], result: plan.none }) },
  }),
  ingest: method({
    name: 'ingest',
    parameters: ['quotes'],
    arguments: { quotes: plan.stream(quotePlan) },
  }),
  current: method({
    name: 'current',
    parameters: ['name'],
    result: plan.nullable(counterPlan),
  }),
};

const spec: ModuleSpec = {
  format: 1,
  module: 'pricing',
  directory: 'pricing',
  hash: '5f2b1c0a9d8e7f60718293a4b5c6d7e8',
  members: {},
  methods,
  services: { Counter: { class: Counter, methods: counterMethods } },
  errors: { OutOfStock: { class: OutOfStock, details: plan.object({ until: plan.date }) } },
};
