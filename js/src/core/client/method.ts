/**
 * A Python method as a generated client knows it: its name, its parameters, and the plans of those
 * values that do not travel as they are. `method()` is what generated files call.
 */
import type { Plan } from '../schema/index.js';

/** What a generated file says of one method. */
export interface MethodDefinition {
  /** Python's name, as in `quote` or `Counter.increment`. */
  readonly name: string;
  /**
   * Python's parameters in their order: `symbol`, `depth?` (may be left out), `/` (those before it
   * by position only), `*` (those after it by keyword only), `*values`, `**extra`.
   */
  readonly parameters: readonly string[];
  /** It is a generator: its items come one by one. */
  readonly stream?: boolean;
  /** How the result, or each item, is read; absent when it is taken as it comes. */
  readonly result?: Plan;
  /** The result may hold integers that are no `number`; the plan says which may not. */
  readonly wide?: boolean;
  /** How arguments are written, by the Python name of their parameter. */
  readonly arguments?: Readonly<Record<string, Plan>>;
  /** Keywords whose name in JavaScript is not Python's. */
  readonly names?: Readonly<Record<string, string>>;
}

/** One parameter that takes one argument. */
export interface Parameter {
  readonly name: string;
  readonly isOptional: boolean;
  /** Cannot be given as a keyword. */
  readonly isPositionalOnly: boolean;
}

/** The parameters of a method, sorted by how they are given. */
export interface ParameterLayout {
  readonly positional: readonly Parameter[];
  readonly keywordOnly: readonly Parameter[];
  /** The name behind `*`, when there is one. */
  readonly variadic: string | undefined;
  /** The name behind `**`, when there is one. */
  readonly extra: string | undefined;
}

/** The arguments of a call as they travel. */
export interface PackedArguments {
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
}

/** Sorts the arguments of a call. @throws {ValidationError} when they cannot be one; `label` is what it calls the method. */
export type PackArguments = (
  method: MethodSpec,
  positionals: readonly unknown[],
  keywords: object | undefined,
  label?: string,
) => PackedArguments;

export interface MethodSpec extends MethodDefinition {
  readonly layout: ParameterLayout;
  readonly pack: PackArguments;
}
