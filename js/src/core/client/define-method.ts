/**
 * How generated files describe their methods: each brings along what it takes to pack its arguments, so that a bundle
 * packs no keywords that no method of its client has.
 */
import { packArguments, packPositional } from './arguments.js';
import type { MethodDefinition, MethodSpec, Parameter, ParameterLayout } from './method.js';

/** Describes a method of a generated client. */
export function method(definition: MethodDefinition): MethodSpec {
  return { ...definition, layout: layoutOf(definition.parameters), pack: packArguments };
}

/** Describes a method each of whose parameters takes one argument, by position or not at all, as it is. */
export function plainMethod(definition: MethodDefinition): MethodSpec {
  const positional = definition.parameters.map((text) => parameterOf(text, false));
  const layout = { positional, keywordOnly: [], variadic: undefined, extra: undefined };
  return { ...definition, layout, pack: packPositional };
}

function layoutOf(parameters: readonly string[]): ParameterLayout {
  // What stands before the `/` is positional only, and that is known when the `/` comes.
  const slash = parameters.indexOf('/');
  const positional: Parameter[] = [];
  const keywordOnly: Parameter[] = [];
  let variadic: string | undefined;
  let extra: string | undefined;
  let keywords = false;
  parameters.forEach((text, index) => {
    if (text === '/') return;
    if (text.startsWith('**')) {
      extra = text.slice(2);
    } else if (text.startsWith('*')) {
      keywords = true;
      if (text !== '*') variadic = text.slice(1);
    } else {
      (keywords ? keywordOnly : positional).push(parameterOf(text, index < slash));
    }
  });
  return { positional, keywordOnly, variadic, extra };
}

function parameterOf(text: string, isPositionalOnly: boolean): Parameter {
  const isOptional = text.endsWith('?');
  return { name: isOptional ? text.slice(0, -1) : text, isOptional, isPositionalOnly };
}
