/** What a generated file tells the runtime about its module: the block at its bottom. */
import type { PythonError } from '../protocol/errors.js';
import type { Plan } from '../schema/index.js';
import type { MethodSpec } from './method.js';
import type { ServiceClass } from './service-instance.js';

/** A declared exception of the module, and how its data is read. */
export interface ErrorSpec {
  readonly class: abstract new (...args: never[]) => PythonError;
  readonly details?: Plan;
}

export interface ServiceSpec {
  readonly class: ServiceClass;
  /** By their names in JavaScript. */
  readonly methods: Readonly<Record<string, MethodSpec>>;
}

export interface ModuleSpec {
  /** The version of this form. */
  readonly format: 1;
  /** What messages call the module, and what `$SYNAPSE_MODULES` finds it by. */
  readonly module: string;
  /** The module's folder, relative to the nearest package.json, with `/` between its parts. */
  readonly directory: string;
  /** Identifies the schema that the client was generated from. */
  readonly hash: string;
  /** One line for each function, method, type and error: tells what changed since. */
  readonly members: Readonly<Record<string, string>>;
  /** By their names in JavaScript. */
  readonly methods: Readonly<Record<string, MethodSpec>>;
  /** By their names in Python. */
  readonly services?: Readonly<Record<string, ServiceSpec>>;
  /** By the names of their Python classes. */
  readonly errors?: Readonly<Record<string, ErrorSpec>>;
}
