/** What a caller is told whose options of a call are none; whoever takes the options of calls asks. */
import { SynapseError } from '../protocol/errors.js';
import { invalid, type Labelled, shown } from './argument-refusals.js';
import { CALL_OPTIONS } from './client.js';
import type { MethodSpec } from './method.js';

/**
 * Checks what stands in the place of a call's options; their values are not looked at.
 *
 * @throws {ValidationError} `INVALID_ARGUMENTS`, they are none: there are too many arguments
 * @throws {SynapseError} `INVALID_CONFIG`, there is no such option
 */
export function checkOptions(called: Labelled, options: unknown): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const takes = [...slots(called.method), 'an object with options of the call'].join(', then ');
    const what = `there are too many arguments: it takes ${takes}, got ${shown(options)} for the last`;
    throw invalid(called, '', what, 'options of the call', options);
  }
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(CALL_OPTIONS, name)) continue;
    const known = Object.keys(CALL_OPTIONS).sort().join(', ');
    const message = `${called.label}(): a call has no option "${name}"; it has ${known}.`;
    throw new SynapseError('INVALID_CONFIG', message);
  }
}

/** What a generated method takes before its options. */
function slots({ layout }: MethodSpec): string[] {
  const { positional, variadic, keywordOnly, extra } = layout;
  const names = positional.map(({ name }) => `"${name}"`);
  if (variadic !== undefined) names.push(`the array "${variadic}"`);
  if (keywordOnly.length > 0 || extra !== undefined) names.push('an object with keywords');
  return names;
}
