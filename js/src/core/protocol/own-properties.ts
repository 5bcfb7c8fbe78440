// Writing properties past prototypes: under names that come from elsewhere, or unseen.

/** Defines a property that can be changed again, by default one that nobody sees who looks through its object. */
export function setProperty(target: object, key: string, value: unknown, enumerable = false): void {
  Object.defineProperty(target, key, { value, enumerable, configurable: true, writable: true });
}

/** Makes an own property, whatever the prototype says of the name. */
export function setOwn(record: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    setProperty(record, key, value, true);
  } else {
    record[key] = value;
  }
}
