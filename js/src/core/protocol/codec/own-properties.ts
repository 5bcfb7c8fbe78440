// Writing to plain objects under names that come from elsewhere.

/** Makes an own property, whatever the prototype says of the name. */
export function setOwn(record: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(record, key, {
      value,
      configurable: true,
      enumerable: true,
      writable: true,
    });
  } else {
    record[key] = value;
  }
}
