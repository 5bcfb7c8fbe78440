// The same with the reader that the design has: all that has come is copied for every chunk.
import { openDesign } from './hq-design.mjs';

export const title = 'hq-synapse design, as it is';
export const about =
  'the same, with what has come joined again for each chunk, as the original does';
export { load, packages } from './hq-design.mjs';

function rejoiningReader(onFrame) {
  let held = Buffer.alloc(0);
  return (chunk) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 4) {
      const end = 4 + held.readUInt32LE();
      if (held.length < end) return;
      onFrame(held.subarray(4, end));
      held = held.subarray(end);
    }
  };
}

export const open = ({ python }) => openDesign(python, rejoiningReader);
