// Tables as they come: bytes for a library of the user's own choice.

/**
 * A table (of pandas, pyarrow or polars) as an Arrow IPC stream: `tableFromIPC(bytes)` of the npm package
 * `apache-arrow` reads it, `tableToIPC(table, 'stream')` makes one.
 */
export type ArrowTable = Uint8Array;
