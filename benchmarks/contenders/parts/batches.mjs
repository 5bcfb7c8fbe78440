// Items of an iterable, many at a time: what sends them one by one is slow.

export function* batchesOf(items, size) {
  let batch = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

/** Values as lines of JSON. */
export const asLines = (values) => `${values.map((value) => JSON.stringify(value)).join('\n')}\n`;
