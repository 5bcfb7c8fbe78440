// python-shell's json mode: a line in, a line out. It has no calls, so replies are matched to requests by their order.
import { PythonShell } from 'python-shell';
import { script } from '../paths.mjs';

export const name = 'python-shell';
export const about = 'json mode: one JSON line each way over stdio, pipelined';

export async function open({ python }) {
  const shell = new PythonShell(script('json_lines_echo.py'), { mode: 'json', pythonPath: python });
  const waiting = [];
  shell.on('message', (message) => waiting.shift()(message));

  return {
    call: (payload) =>
      new Promise((resolve) => {
        waiting.push(resolve);
        shell.send(payload);
      }),
    close: () => new Promise((resolve) => shell.end(() => resolve())),
  };
}
