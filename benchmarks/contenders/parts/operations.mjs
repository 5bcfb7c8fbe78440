// What most contenders can do, over whatever way they have to ask for an operation by its name with one argument.

/** @param ask takes the name of an operation of `python/work.py` and its argument, resolves to what it returns */
export const operations = (ask) => ({
  call: (value) => ask('echo', value),
  sendRecords: (records) => ask('send_records', records),
  fetchRecords: (count) => ask('fetch_records', count),
  spin: (rounds) => ask('spin', rounds),
});

/** The same with bytes, for those that can carry them. */
export const operationsWithBytes = (ask) => ({
  ...operations(ask),
  sendBytes: (bytes) => ask('send_bytes', bytes),
  fetchBytes: (size) => ask('fetch_bytes', size),
  echoBytes: (bytes) => ask('echo', bytes),
});

/** How a raw module is asked, `modules/raw`: a value comes back as it is, a list names an operation. */
export const askingRaw = (send) => (operation, value) =>
  send(operation === 'echo' ? value : [operation, value]);
