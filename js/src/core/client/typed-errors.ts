/** Gives a Python exception the class that the generated file declares for it, and its data their types. */

import { IntegerRangeError, PythonError } from '../protocol/errors.js';
import { setProperty } from '../protocol/own-properties.js';
import type { DecodeContext } from '../schema/index.js';
import type { ErrorSpec, ModuleSpec } from './module-spec.js';

/**
 * Returns `error` as an instance of its generated class, found by the name of its Python class or
 * else of its nearest declared ancestor. Anything else is returned as it is.
 */
export function typedError(error: unknown, spec: ModuleSpec, context: DecodeContext): unknown {
  if (!(error instanceof PythonError) || spec.errors === undefined) return error;
  const { errors } = spec;
  const { pythonType, bases } = error;
  const declared = [pythonType, ...bases].find((name) => Object.hasOwn(errors, name));
  return declared === undefined
    ? error
    : reclass(error, declared, errors[declared] as ErrorSpec, context);
}

/** Returns the refusal of an integer with the method whose result it is; anything else as it is. */
export function ofMethod(error: unknown, method: string, label: string): unknown {
  if (!(error instanceof IntegerRangeError)) return error;
  const { message, path } = error;
  const told = `${label}(): ${message.charAt(0).toLowerCase()}${message.slice(1)}`;
  return new IntegerRangeError(told, { method, path });
}

/** In place: the error keeps its stack, its cause and its brand. */
function reclass(
  error: PythonError,
  declared: string,
  { class: type, details: plan }: ErrorSpec,
  context: DecodeContext,
): PythonError {
  let details = error.details;
  try {
    if (plan !== undefined) details = plan.decode(details, '$', context);
  } catch {
    // Its data are not what was declared, so it is not what was declared: a plain PythonError.
    return error;
  }
  const { name: plainName, pythonType, stack } = error;
  Object.setPrototypeOf(error, type.prototype);
  setProperty(error, 'details', details, true);
  // The type promises the declared name; which exception it was, `name` and the traceback say.
  setProperty(error, 'pythonType', declared, true);
  setProperty(error, 'name', pythonType);
  if (stack?.startsWith(plainName)) {
    setProperty(error, 'stack', pythonType + stack.slice(plainName.length));
  }
  return error;
}
