// Plain objects: what counts as one.

/** Whether a value that came off the wire is a plain object; maps with other keys than text are Maps. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}

/** Whether a value of the caller's is an object with fields: no array, Map, Date or the like. */
export function hasFields(value: unknown): value is Record<string, unknown> {
  return Object.prototype.toString.call(value) === '[object Object]';
}

/** Whether a value is an object with fields, one of the caller's or one that came. */
export function isObject(value: unknown, ours: boolean): value is Record<string, unknown> {
  return ours ? hasFields(value) : isRecord(value);
}
