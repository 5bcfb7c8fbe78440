/**
 * Carries the calls of a generated client to handlers instead of Python. Results and items are
 * written by the plans of the client, travel through the codec, and are read by the plans again.
 */
import type { Labelled } from '../core/client/argument-refusals.js';
import { failedCall } from '../core/client/caller-stack.js';
import type { CallOptions, Client } from '../core/client/client.js';
import type { MethodCall, ModuleRuntime } from '../core/client/module-runtime.js';
import type { ModuleSpec } from '../core/client/module-spec.js';
import { checkOptions } from '../core/client/option-refusals.js';
import type { SynapseStream } from '../core/client/stream.js';
import { CallCancelledError, ClosedError } from '../core/errors.js';
import { SynapseError } from '../core/protocol/errors.js';
import { display, type MemberName, memberNames } from './member-names.js';
import { MockClient } from './mock-client.js';
import { mockStream } from './mock-stream.js';
import { arrived, arrivedError, checkArguments } from './wire.js';

// biome-ignore lint/suspicious/noExplicitAny: what a handler takes and gives, its method's type has said
type AnyHandler = (...args: any[]) => any;
/** Handlers by name; those of a service one level deeper. */
export type HandlerTable = Readonly<Record<string, unknown>>;
/** Arguments of calls by name; those of a service one level deeper. */
export type CallTable = Record<string, unknown[][] | Record<string, unknown[][]>>;

export class MockRuntime implements ModuleRuntime {
  readonly client: Client;
  handlers: HandlerTable;
  calls: CallTable = {};
  readonly #spec: ModuleSpec;
  readonly #title: string;
  readonly #names: ReturnType<typeof memberNames>;
  readonly #instances = new Map<number, HandlerTable>();
  #lastInstance = 0;
  #closed = false;

  constructor(title: string, spec: ModuleSpec, handlers: HandlerTable) {
    this.#title = title;
    this.#spec = spec;
    this.#names = memberNames(spec);
    this.handlers = handlers;
    this.client = new MockClient(spec.module, () => {
      this.#closed = true;
    });
    this.forgetCalls();
  }

  forgetCalls(): void {
    this.calls = {};
    for (const { service, name } of this.#names.values()) {
      if (service === undefined) this.calls[name] = [];
      else this.calls[service] = { ...this.calls[service], [name]: [] };
    }
  }

  checkOptions(called: Labelled, options: unknown): void {
    checkOptions(called, options);
  }

  refuse(error: unknown): Promise<never> {
    return failedCall(error);
  }

  async request(call: MethodCall, options: CallOptions): Promise<unknown> {
    try {
      return await this.#answer(call, options);
    } catch (error) {
      return failedCall(call.fail(error));
    }
  }

  async #answer(call: MethodCall, options: CallOptions): Promise<unknown> {
    this.#checkOpen();
    if (call.method.endsWith('.$dispose')) {
      this.#instances.delete(call.instance ?? 0);
      return call.receive(null, false, undefined);
    }
    const handler = this.#prepare(call, options);
    try {
      const value: unknown = await orAborted(handler(), call.method, options);
      return this.#receive(call, value);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  open(call: MethodCall, options: CallOptions): SynapseStream<unknown> {
    return mockStream(
      () => {
        this.#checkOpen();
        return iterable(call.method, this.#prepare(call, options)());
      },
      (item) => this.#receive(call, item),
      (error) => call.fail(this.#failure(error)),
    );
  }

  /** Notes the call and returns what runs its handler. @throws {SynapseError} there is none */
  #prepare(call: MethodCall, options: CallOptions): () => unknown {
    checkArguments(call);
    const member = this.#names.get(call.spec) ?? { service: undefined, name: call.method };
    const args = argumentsOf(call, options);
    this.#note(member, args);
    const handler = this.#handler(call, member);
    return () => handler(...args);
  }

  #note({ service, name }: MemberName, args: unknown[]): void {
    const table = service === undefined ? this.calls : this.calls[service];
    const calls = (table as Record<string, unknown[][]> | undefined)?.[name];
    calls?.push(args);
  }

  #handler({ instance }: MethodCall, member: MemberName): AnyHandler {
    const table = this.#tableOf(instance, member);
    const handler = table?.[member.name];
    if (typeof handler === 'function') return handler as AnyHandler;
    const mocked = Object.keys(table ?? {});
    const advice =
      member.service === undefined
        ? `give mockModule() a handler for it: { ${member.name}: … }`
        : instance === undefined
          ? `give mockModule() a handler for it: { ${member.service}: { ${member.name}: … } }`
          : `return a handler for it from the one that made the instance: { ${member.name}: … }`;
    throw new SynapseError(
      'METHOD_NOT_FOUND',
      `${this.#title}: ${display(member)}() is not mocked; ${advice}. Mocked: ${mocked.join(', ') || 'nothing'}.`,
      { details: { method: display(member), mocked } },
    );
  }

  #tableOf(instance: number | undefined, { service }: MemberName): HandlerTable | undefined {
    if (instance === undefined) {
      return service === undefined ? this.handlers : (this.handlers[service] as HandlerTable);
    }
    const table = this.#instances.get(instance);
    if (table === undefined) {
      throw new SynapseError('SERVICE_CLOSED', `This ${service} has been closed.`);
    }
    return table;
  }

  /** Takes what a handler gave over the wire, to what the caller gets. */
  #receive(call: MethodCall, given: unknown): unknown {
    const { result } = call.spec;
    const value = this.#makesService(call) && isTable(given) ? this.#instance(given) : given;
    const written = result === undefined ? value : result.encode(value, '$');
    const { value: read, hasBigInt } = arrived(written ?? null);
    return call.receive(read, hasBigInt, undefined);
  }

  /** Whether the plan of the result asks for a service when it sees an instance's number. */
  #makesService({ spec }: MethodCall): boolean {
    let asked = false;
    const service = (): unknown => {
      asked = true;
      return undefined;
    };
    try {
      spec.result?.decode(1, '$', { service });
    } catch {
      return false; // it wants no number at all
    }
    return asked;
  }

  #instance(handlers: HandlerTable): number {
    this.#lastInstance += 1;
    this.#instances.set(this.#lastInstance, handlers);
    return this.#lastInstance;
  }

  /** What the other end would report; a mistake in the test itself stays as it is. */
  #failure(error: unknown): unknown {
    if (!SynapseError.is(error)) return error;
    const declared = Object.entries(this.#spec.errors ?? {}).find(
      ([, { class: type }]) => error.constructor === type,
    );
    if (declared === undefined) return error;
    const [name, { details }] = declared;
    const data = details === undefined ? error.details : details.encode(error.details, '$');
    return arrivedError(error, { code: 'PYTHON_EXCEPTION', type: name, details: data });
  }

  #checkOpen(): void {
    if (this.#closed) throw new ClosedError(`The mock of ${this.#title} is closed.`);
  }
}

/** The arguments as the generated method takes them: positional ones, keywords, options. */
function argumentsOf({ spec, positionals, keywords }: MethodCall, options: CallOptions): unknown[] {
  const { keywordOnly, extra } = spec.layout;
  const takesKeywords = keywordOnly.length > 0 || extra !== undefined;
  const args = [...positionals, ...(takesKeywords ? [keywords] : []), options];
  // As the caller wrote it: what was left out at the end is not there.
  const given = Object.keys(options).length > 0 ? args : args.slice(0, -1);
  while (given.length > 0 && given.at(-1) === undefined) given.pop();
  return given;
}

function iterable(method: string, value: unknown): Iterable<unknown> | AsyncIterable<unknown> {
  const object = Object(value) as object;
  if (Symbol.asyncIterator in object || Symbol.iterator in object)
    return object as Iterable<unknown>;
  throw new TypeError(
    `The handler of ${method}() must return what can be iterated over, as a generator does, not ${String(value)}.`,
  );
}

function isTable(value: unknown): value is HandlerTable {
  return typeof value === 'object' && value !== null;
}

/** Rejects as soon as the call's signal is aborted; what the handler gives later is dropped. */
async function orAborted(work: unknown, method: string, { signal }: CallOptions): Promise<unknown> {
  if (signal === undefined) return work;
  if (signal.aborted) throw new CallCancelledError(method, signal.reason);
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new CallCancelledError(method, signal.reason));
    signal.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}
