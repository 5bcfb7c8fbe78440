// JSON lines over stdio without a library, as an expert would have them: lines are parsed together, replies written together.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { script } from '../paths.mjs';
import { jsonLines } from './parts/json-lines.mjs';

export const title = 'JSON lines';
export const about = 'a line of JSON each way over stdio, no library, pipelined, matched by order';

const NEWLINE = 10;

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
  const child = spawn(python, [script('json_lines.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = jsonLines((value) => child.stdin.write(`${JSON.stringify(value)}\n`));
  child.stdout.on('data', lineReader(lines.receive));
  return {
    ...lines.methods,
    close: async () => {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}
