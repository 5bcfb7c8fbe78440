// JSON lines over stdio without a library, as an expert would have them: lines are parsed together, replies written together.
import { once } from 'node:events';
import { script } from '../paths.mjs';
import { asLines, batchesOf } from './parts/batches.mjs';
import { startProgram } from './parts/children.mjs';
import { jsonLines } from './parts/json-lines.mjs';

export const title = 'JSON lines';
export const about = 'a line of JSON each way over stdio, no library, pipelined, matched by order';

const NEWLINE = 10;
const ITEMS_A_WRITE = 1024;

/** Calls back with the values of all lines that a chunk completed. */
function lineReader(onValues) {
  let parts = [];
  return (chunk) => {
    const end = chunk.lastIndexOf(NEWLINE);
    if (end < 0) {
      parts.push(chunk);
      return;
    }
    parts.push(chunk.subarray(0, end));
    const whole = parts.length === 1 ? parts[0] : Buffer.concat(parts);
    parts = end + 1 < chunk.length ? [chunk.subarray(end + 1)] : [];
    onValues(
      whole
        .toString()
        .split('\n')
        .map((line) => JSON.parse(line)),
    );
  };
}

export async function open({ python }) {
  const { child, close } = startProgram(python, [script('json_lines.py')]);
  const lines = jsonLines({
    send: (value) => child.stdin.write(`${JSON.stringify(value)}\n`),
    sendAll: async (items) => {
      for (const batch of batchesOf(items, ITEMS_A_WRITE))
        if (!child.stdin.write(asLines(batch))) await once(child.stdin, 'drain');
    },
  });
  child.stdout.on('data', lineReader(lines.receive));
  return { ...lines.methods, close };
}
