/** Which object stands for an instance in Python, how long it must stay, and what gives it back. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import type { Client } from '../../../src/core/client/client.js';
import { method } from '../../../src/core/client/define-method.js';
import { ModuleClient } from '../../../src/core/client/module-client.js';
import type { Home, MethodCall, ModuleRuntime } from '../../../src/core/client/module-runtime.js';
import type { ModuleSpec } from '../../../src/core/client/module-spec.js';
import { ServiceInstance } from '../../../src/core/client/service-instance.js';
import { SynapseStream } from '../../../src/core/client/stream.js';
import { StreamBuffer } from '../../../src/core/client/stream-buffer.js';
import { holdsInstances, type Plan, plan } from '../../../src/core/schema/index.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

class Counter extends ServiceInstance {
  increment(): Promise<number> {
    return this.$call(methods.increment, []);
  }
  each(callback: () => void): Promise<number> {
    return this.$call(methods.each, [callback]);
  }
  me(): Promise<Counter> {
    return this.$call(methods.create, []);
  }
  history(): SynapseStream<number> {
    return this.$stream(methods.history, []);
  }
}

class Shop extends ModuleClient {
  static get $spec(): ModuleSpec {
    return spec;
  }
  open(): Promise<Counter> {
    return this.$call(methods.create, []);
  }
  pair(): Promise<[Counter, number]> {
    return this.$call(methods.pair, []);
  }
}

const counter = plan.service(() => Counter);
const methods = {
  create: method({ name: 'Counter.$new', parameters: [], result: counter }),
  pair: method({ name: 'pair', parameters: [], result: plan.tuple(counter, plan.any) }),
  increment: method({ name: 'Counter.increment', parameters: [] }),
  each: method({ name: 'Counter.each', parameters: ['callback'] }),
  history: method({ name: 'Counter.history', parameters: [], stream: true }),
};
const spec: ModuleSpec = {
  ...{ format: 1, module: 'shop', directory: 'shop', hash: '00', members: {} },
  ...{ methods: { pair: methods.pair }, errors: {} },
  services: { Counter: { class: Counter, methods } },
};
const HOME: Home = { inhabited: false };

/** Answers by `answers`, by name of the method; what is given to `held` waits for `finish`. */
class ManualRuntime implements ModuleRuntime {
  readonly client = { close: async () => undefined } as Partial<Client> as Client;
  readonly calls: MethodCall[] = [];
  readonly answers: Record<string, unknown> = { 'Counter.$new': 7 };
  readonly held = new Map<string, () => void>();
  readonly hold = new Set<string>();
  home: Home = HOME;

  async request(call: MethodCall): Promise<unknown> {
    this.calls.push(call);
    if (this.hold.has(call.method)) {
      await new Promise<void>((resolve) => this.held.set(call.method, resolve));
    }
    const value = this.answers[call.method] ?? null;
    return call.receive(value, false, this.home);
  }

  open(call: MethodCall): SynapseStream<unknown> {
    this.calls.push(call);
    const source = { start: () => undefined, grant: () => undefined, waiting: () => undefined };
    return new SynapseStream(new StreamBuffer({ ...source, cancel: async () => undefined }, 4));
  }

  get disposals(): (readonly unknown[])[] {
    return this.calls.filter((call) => call.method === 'Counter.$dispose').map(({ args }) => args);
  }
}

function shop(): { client: Shop; runtime: ManualRuntime } {
  const runtime = new ManualRuntime();
  return { client: new Shop(runtime), runtime };
}

/** Lets the garbage collector find what is unreachable, and its observers hear of it. */
async function collected(until: () => boolean): Promise<void> {
  for (let round = 0; round < 50 && !until(); round += 1) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('An instance that comes twice', () => {
  it('is one object, from functions and from its own methods', async () => {
    const { client } = shop();
    const one = await client.open();
    expect(await client.open()).toBe(one);
    expect(await one.me()).toBe(one);
  });

  it('is another one where it came from another worker', async () => {
    const { client, runtime } = shop();
    const one = await client.open();
    runtime.home = { inhabited: false };
    expect(await client.open()).not.toBe(one);
  });

  it('is new when its first object was collected, which does not close the second', async () => {
    const { client, runtime } = shop();
    await (async () => void (await client.open()))();
    await collected(() => runtime.disposals.length > 0);
    // Its number came once; the worker compares that with how often it sent it.
    expect(runtime.disposals).toEqual([[7, 1]]);
    const second = await client.open();
    await second.increment();
    await second.$dispose();
    expect(runtime.disposals).toEqual([[7, 1], [7]]);
  });
});

describe('The worker of an instance', () => {
  it('knows that somebody lives there until all have gone', async () => {
    const { client, runtime } = shop();
    runtime.home = { inhabited: false };
    const one = await client.open();
    runtime.answers['Counter.$new'] = 8;
    const other = await client.open();
    expect(runtime.home.inhabited).toBe(true);
    await other.$dispose();
    expect(runtime.home.inhabited).toBe(true);
    await one.$dispose();
    expect(runtime.home.inhabited).toBe(false);
  });
});

describe('The object of an instance stays reachable', () => {
  it('from a call on it', async () => {
    const { client, runtime } = shop();
    const face = await client.open();
    await face.increment();
    expect(runtime.calls.at(-1)?.keeps).toBe(face);
  });

  it('from a stream of it that has not started', async () => {
    const { client, runtime } = shop();
    const face = await client.open();
    face.history();
    expect(runtime.calls.at(-1)?.keeps).toBe(face);
  });
});

describe('Closing an instance', () => {
  it('waits for its methods that run', async () => {
    const { client, runtime } = shop();
    const face = await client.open();
    runtime.hold.add('Counter.increment');
    const running = face.increment();
    const closed = face.$dispose();
    await expect(face.increment()).rejects.toMatchObject({ code: 'SERVICE_CLOSED' });
    expect(runtime.disposals).toEqual([]);
    runtime.held.get('Counter.increment')?.();
    await Promise.all([running, closed]);
    expect(runtime.disposals).toEqual([[7]]);
  });

  it('does not wait for a method that was given a function, which may be what closes it', async () => {
    const { client, runtime } = shop();
    const face = await client.open();
    runtime.hold.add('Counter.each');
    const running = face.each(() => undefined);
    await face.$dispose();
    expect(runtime.disposals).toEqual([[7]]);
    runtime.held.get('Counter.each')?.();
    await running;
  });
});

describe('An answer that nobody gets', () => {
  it('gives back the instances in it', async () => {
    const { client, runtime } = shop();
    runtime.answers.pair = [7, 1];
    await client.pair();
    runtime.calls.at(-1)?.drop([8, 1], HOME);
    expect(runtime.disposals).toEqual([[8, 1]]);
  });

  it('leaves alone one that somebody has', async () => {
    const { client, runtime } = shop();
    const face = await client.open();
    runtime.calls.at(-1)?.drop(7, HOME);
    expect(runtime.disposals).toEqual([]);
    expect(await client.open()).toBe(face);
  });

  it('because it holds an integer that no number holds, gives them back too', async () => {
    const { client, runtime } = shop();
    runtime.answers.pair = [7, 1];
    await client.pair();
    const call = runtime.calls.at(-1) as MethodCall;
    expect(() => call.receive([9, 2n ** 60n], true, HOME)).toThrow('beyond');
    expect(runtime.disposals).toEqual([[9, 1]]);
  });
});

describe('Whether a plan holds instances', () => {
  interface Tree {
    children: Tree[];
  }
  const tree: Plan<Tree> = plan.object({ children: plan.array(plan.lazy(() => tree)) });
  it.each([
    ['an instance', counter, true],
    ['a list', plan.array(counter), true],
    ['a field', plan.object({ counters: plan.optional(plan.record(counter)) }), true],
    ['an option of a union', plan.union(plan.string, plan.nullable(counter)), true],
    ['a value of a map', plan.map(plan.string, plan.set(counter)), true],
    ['behind a name', plan.lazy(() => plan.tuple(plan.date, counter)), true],
    ['a tree of none', tree, false],
    ['anything', plan.any, false],
  ])('%s', (_, held, expected) => {
    expect(holdsInstances(held as Plan)).toBe(expected);
  });
});
