/** Generated classes over a runtime that answers by hand. */
import { describe, expect, it } from '@jest/globals';
import type { Labelled } from '../../../src/core/client/argument-refusals.js';
import { failedCall } from '../../../src/core/client/caller-stack.js';
import type { CallOptions, Client } from '../../../src/core/client/client.js';
import { method } from '../../../src/core/client/define-method.js';
import { ModuleClient } from '../../../src/core/client/module-client.js';
import type { Home, MethodCall, ModuleRuntime } from '../../../src/core/client/module-runtime.js';
import type { ModuleSpec } from '../../../src/core/client/module-spec.js';
import { checkOptions } from '../../../src/core/client/option-refusals.js';
import { ServiceFactory } from '../../../src/core/client/service-factory.js';
import { ServiceInstance } from '../../../src/core/client/service-instance.js';
import { SynapseStream } from '../../../src/core/client/stream.js';
import { StreamBuffer } from '../../../src/core/client/stream-buffer.js';
import { PythonError, SynapseError } from '../../../src/core/protocol/errors.js';
import { plan } from '../../../src/core/schema/index.js';

class OutOfStock extends PythonError {
  declare readonly pythonType: 'OutOfStock';
  declare readonly details: { until: Date };
}

class Counter extends ServiceInstance {
  increment(by?: number, options?: CallOptions): Promise<number> {
    return this.$call(counterMethods.increment, [by], undefined, options);
  }
  history(): SynapseStream<number> {
    return this.$stream(counterMethods.history, []);
  }
}

class CounterFactory extends ServiceFactory {
  create(start?: number): Promise<Counter> {
    return this.$call(counterMethods.create, [start]);
  }
}

class Shop extends ModuleClient {
  static get $spec(): ModuleSpec {
    return spec;
  }
  readonly Counter: CounterFactory = new CounterFactory(this);
  when(): Promise<Date> {
    return this.$call(methods.when, []);
  }
  count(): Promise<number> {
    return this.$call(methods.count, []);
  }
  wide(): Promise<bigint> {
    return this.$call(methods.wide, []);
  }
  dates(): SynapseStream<Date> {
    return this.$stream(methods.dates, []);
  }
}

const counterMethods = {
  create: method({
    name: 'Counter.$new',
    parameters: ['start?'],
    result: plan.service(() => Counter),
  }),
  increment: method({ name: 'Counter.increment', parameters: ['by?'] }),
  history: method({ name: 'Counter.history', parameters: [], stream: true }),
};
const methods = {
  when: method({ name: 'when', parameters: [], result: plan.date }),
  count: method({ name: 'count', parameters: [] }),
  wide: method({ name: 'wide', parameters: [], result: plan.bigint, wide: true }),
  dates: method({ name: 'dates', parameters: [], stream: true, result: plan.date }),
};
const spec: ModuleSpec = {
  format: 1,
  module: 'shop',
  directory: 'shop',
  hash: '00',
  members: {},
  methods,
  services: { Counter: { class: Counter, methods: counterMethods } },
  errors: { OutOfStock: { class: OutOfStock, details: plan.object({ until: plan.date }) } },
};

const HOME: Home = { inhabited: false };

/** Answers every call by `answer`: a wire value, or an error that is thrown. */
class ManualRuntime implements ModuleRuntime {
  readonly calls: MethodCall[] = [];
  readonly did: string[] = [];
  readonly client = {
    close: async () => void this.did.push('close'),
    terminate: async () => void this.did.push('terminate'),
  } as Partial<Client> as Client;
  readonly #answer: (call: MethodCall) => unknown;

  constructor(answer: (call: MethodCall) => unknown) {
    this.#answer = answer;
  }

  checkOptions(called: Labelled, options: unknown): void {
    checkOptions(called, options);
  }

  refuse(error: unknown): Promise<never> {
    return failedCall(error);
  }

  async request(call: MethodCall): Promise<unknown> {
    this.calls.push(call);
    this.did.push(call.method);
    await undefined;
    try {
      const value = this.#answer(call);
      return call.receive(value, typeof value === 'bigint', HOME);
    } catch (error) {
      return failedCall(call.fail(error));
    }
  }

  open(call: MethodCall): SynapseStream<unknown> {
    this.calls.push(call);
    const source = { start: () => undefined, grant: () => undefined, waiting: () => undefined };
    return new SynapseStream(new StreamBuffer({ ...source, cancel: async () => undefined }, 4));
  }
}

function shop(answer: (call: MethodCall) => unknown): { client: Shop; runtime: ManualRuntime } {
  const runtime = new ManualRuntime(answer);
  return { client: new Shop(runtime), runtime };
}

function raise(error: unknown): never {
  throw error;
}

const NOON = new Date('2026-01-01T12:00:00Z');

describe('A typed call', () => {
  it('reads its result by plan, and names the method when that fails', async () => {
    expect(await shop(() => NOON).client.when()).toEqual(NOON);
    await expect(shop(() => 'noon').client.when()).rejects.toMatchObject({
      code: 'RESULT_INVALID',
      method: 'when',
      path: '$',
    });
  });

  it('refuses an integer that no number holds, unless the result is wide', async () => {
    const big = 2n ** 60n;
    await expect(shop(() => big).client.count()).rejects.toMatchObject({
      code: 'INTEGER_OUT_OF_RANGE',
      path: '$',
    });
    expect(await shop(() => big).client.wide()).toBe(big);
    expect(await shop(() => 5).client.wide()).toBe(5n);
  });

  it('rejects with the class of a declared error, its data read, and the caller in its stack', async () => {
    const raised = new PythonError('none left', {
      pythonType: 'OutOfStock',
      traceback: 'Traceback: shop.py',
      details: { until: NOON },
    });
    const theCaller = async (): Promise<unknown> => await shop(() => raise(raised)).client.count();
    const error = await theCaller().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(OutOfStock);
    expect(error).toMatchObject({
      name: 'OutOfStock',
      code: 'PYTHON_EXCEPTION',
      pythonType: 'OutOfStock',
      details: { until: NOON },
    });
    const { stack } = error as Error;
    expect(stack).toMatch(/^OutOfStock: none left\n/);
    expect(stack).toContain('theCaller');
    expect(stack).toContain('Traceback: shop.py');
  });

  it('takes an undeclared error for its nearest declared ancestor, and says what it was', async () => {
    const raised = new PythonError('gone', {
      pythonType: 'SoldOut',
      bases: ['OutOfStock'],
      details: { until: NOON },
    });
    await expect(shop(() => raise(raised)).client.count()).rejects.toMatchObject({
      name: 'SoldOut',
      pythonType: 'OutOfStock',
      constructor: OutOfStock,
    });
  });

  it('leaves an error plain whose data are not what was declared', async () => {
    const raised = new PythonError('odd', { pythonType: 'OutOfStock', details: { until: 'soon' } });
    const error = await shop(() => raise(raised))
      .client.count()
      .catch((caught: unknown) => caught);
    expect(error).not.toBeInstanceOf(OutOfStock);
    expect(error).toMatchObject({ name: 'PythonError', details: { until: 'soon' } });
  });
});

describe('A service instance', () => {
  const answers = (call: MethodCall): unknown => (call.method === 'Counter.$new' ? 7 : 11);

  it('sends its number first, to the worker that it came from', async () => {
    const { client, runtime } = shop(answers);
    const counter = await client.Counter.create(10);
    expect(counter).toBeInstanceOf(Counter);
    expect(await counter.increment(4)).toBe(11);
    expect(runtime.calls[1]).toMatchObject({
      method: 'Counter.increment',
      args: [7, 4],
      instance: 7,
    });
    expect(runtime.calls[1]?.home).toBe(HOME);
    counter.history();
    expect(runtime.calls[2]).toMatchObject({ method: 'Counter.history', args: [7] });
  });

  it('is disposed of once, and takes no calls afterwards', async () => {
    const { client, runtime } = shop(answers);
    const counter = await client.Counter.create();
    await Promise.all([counter.$dispose(), counter[Symbol.asyncDispose]()]);
    expect(runtime.did).toEqual(['Counter.$new', 'Counter.$dispose']);
    await expect(counter.increment()).rejects.toMatchObject({ code: 'SERVICE_CLOSED' });
    expect(() => counter.history()).toThrow('This Counter has been closed.');
  });

  it('is gone with its worker, which is no failure of disposing', async () => {
    const { client } = shop((call) =>
      call.instance === undefined ? 7 : raise(call.homeless?.() ?? 'nothing'),
    );
    const counter = await client.Counter.create();
    await expect(counter.increment()).rejects.toMatchObject({
      code: 'SERVICE_CLOSED',
      message: expect.stringContaining('make a new one'),
    });
    await counter.$dispose();
  });

  it('tells what its own clean-up raised', async () => {
    const { client } = shop((call) =>
      call.method === 'Counter.$dispose' ? raise(new PythonError('stuck')) : 7,
    );
    const counter = await client.Counter.create();
    await expect(counter.$dispose()).rejects.toThrow('stuck');
  });

  it('is disposed of when its client closes, before the workers are ended', async () => {
    const { client, runtime } = shop((call) =>
      call.method === 'Counter.$dispose' ? raise(new SynapseError('INTERNAL', 'stuck')) : 7,
    );
    await client.Counter.create();
    await client[Symbol.asyncDispose]();
    expect(runtime.did).toEqual(['Counter.$new', 'Counter.$dispose', 'close']);
  });
});

describe('A typed client', () => {
  it('ends its workers, and shows the untyped client', async () => {
    const { client, runtime } = shop(() => null);
    await client.terminate();
    expect(runtime.did).toEqual(['terminate']);
    expect(client.$client).toBe(runtime.client);
  });
});
