/** A typed call on its way: what its caller gave, what travels, and what becomes of its answer. */
import { requireSafeIntegers } from '../protocol/codec/integer-range.js';
import type { Instances, Target } from './instance-life.js';
import type { MethodSpec, PackedArguments } from './method.js';
import type { Home, MethodCall } from './module-runtime.js';
import type { ModuleSpec } from './module-spec.js';
import { ofMethod, typedError } from './typed-errors.js';

/** The client that makes a call, as far as its answer needs to know it. */
export interface CallingModule {
  readonly spec: ModuleSpec;
  readonly instances: Instances;
}

export class TypedCall implements MethodCall {
  readonly spec: MethodSpec;
  readonly positionals: readonly unknown[];
  readonly keywords: object | undefined;
  readonly method: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly #module: CallingModule;
  readonly #target: Target | undefined;

  constructor(
    module: CallingModule,
    spec: MethodSpec,
    positionals: readonly unknown[],
    keywords: object | undefined,
    { args, kwargs }: PackedArguments,
    target: Target | undefined,
  ) {
    this.#module = module;
    this.spec = spec;
    this.positionals = positionals;
    this.keywords = keywords;
    this.method = spec.name;
    this.args = target === undefined ? args : [target.id, ...args];
    this.kwargs = kwargs;
    this.#target = target;
  }

  get instance(): number | undefined {
    return this.#target?.id;
  }

  get home(): Home | undefined {
    return this.#target?.home;
  }

  get homeless(): (() => unknown) | undefined {
    return this.#target?.lost;
  }

  get keeps(): object | undefined {
    return this.#target?.face;
  }

  receive(value: unknown, hasBigInt: boolean, home: Home | undefined): unknown {
    const { spec } = this;
    try {
      if (hasBigInt && spec.wide !== true) requireSafeIntegers(value);
      if (spec.result === undefined) return value;
      return spec.result.decode(value, '$', this.#module.instances.context(spec.name, home));
    } catch (error) {
      this.drop(value, home);
      throw ofMethod(error, spec.name, labelOf(this.#module, spec));
    }
  }

  drop(value: unknown, home: Home | undefined): void {
    this.#module.instances.drop(this.spec, value, home);
  }

  fail(error: unknown): unknown {
    return typedErrorOf(this.#module, this.spec, error);
  }
}

/** What messages call a method, as in `pricing.quote`. */
export function labelOf({ spec }: CallingModule, { name }: MethodSpec): string {
  return `${spec.module}.${name}`;
}

/** Gives an error of a call the class that the generated file has for it. */
export function typedErrorOf(
  { spec, instances }: CallingModule,
  { name }: MethodSpec,
  error: unknown,
): unknown {
  return typedError(error, spec, instances.context(name, undefined));
}
