// Why a value does not travel, and what to do about it.

/** Why a value does not travel; whoever knows where it stands makes it an `EncodeError`. */
export class Refusal extends Error {
  readonly code: 'ENCODE_FAILED' | 'DEPTH_EXCEEDED';

  constructor(reason: string, code: 'ENCODE_FAILED' | 'DEPTH_EXCEEDED' = 'ENCODE_FAILED') {
    super(reason);
    this.code = code;
  }
}

/** What is nothing without the memory it is in, by the tag that `Object.prototype.toString` gives. */
const STAYS =
  /^(?:Error|Promise|RegExp|Weak(?:Map|Set|Ref)|(?:Async)?Generator|(?:Array|Map|Set|String) Iterator|SharedArrayBuffer)$/;

/** Why numbers do not travel, and what to do about it. */
export const NO_ARRAYS = 'this connection was made without arrays of numbers; send a plain array';

/** Returns the class that an object says it is: `Date` for a Date of any realm. */
export function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/** Returns why an object of this tag does not travel, if it does not. What to do instead, `advice` may know. */
export function refusalOf(
  value: object,
  tag: string,
  advice: Readonly<Record<string, string>> = {},
): string | undefined {
  const kind = value instanceof Error ? 'Error' : tag;
  if (kind === 'Object') return undefined;
  if (kind === 'NdArray') return NO_ARRAYS;
  return STAYS.test(kind) ? (advice[kind] ?? `a ${kind} cannot travel`) : undefined;
}

/** Returns a text, or as much of it as a message shows. */
export function shortened(text: string, mostChars = 60): string {
  return text.length > mostChars ? `${text.slice(0, mostChars)}…` : text;
}

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** Returns the path's step to the value of `key`. */
export function pathStep(key: unknown): string {
  if (typeof key === 'number' || typeof key === 'bigint') {
    return `[${key}]`;
  }
  if (typeof key !== 'string') {
    return `[<${typeof key}>]`;
  }
  return IDENTIFIER.test(key) ? `.${key}` : `['${shortened(key, 64)}']`;
}
