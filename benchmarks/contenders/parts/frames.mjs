// Length-prefixed frames out of whatever chunks they come in. Chunks are joined once a frame, never chunk by chunk.

/** Calls `onFrame(bytes)` for each frame of `u32 little-endian length | bytes`. */
export function frameReader(onFrame) {
  let chunks = [];
  let held = 0;
  let wanted = 4;

  function joined() {
    const all = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, held);
    chunks = [all];
    return all;
  }

  return (chunk) => {
    chunks.push(chunk);
    held += chunk.length;
    if (held < wanted) return;
    const all = joined();
    let at = 0;
    for (;;) {
      if (held - at < 4) {
        wanted = 4;
        break;
      }
      const end = at + 4 + all.readUInt32LE(at);
      if (end > held) {
        wanted = end - at;
        break;
      }
      onFrame(all.subarray(at + 4, end));
      at = end;
    }
    chunks = at === held ? [] : [all.subarray(at)];
    held -= at;
  };
}

/** A frame as one buffer. */
export function frame(payload) {
  const bytes = Buffer.allocUnsafe(4 + payload.length);
  bytes.writeUInt32LE(payload.length);
  bytes.set(payload, 4);
  return bytes;
}
