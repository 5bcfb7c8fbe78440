// python-shell's json mode: a line in, a line out. It has no calls, so replies are matched to requests by their order.
import { script } from '../paths.mjs';
import { jsonLines } from './parts/json-lines.mjs';

export const title = 'python-shell, json';
export const about =
  'json mode: a line of JSON each way over stdio, pipelined, matched by order, replies written together';
export const packages = ['python-shell'];
export const load = () => import('python-shell');

export async function open({ python }) {
  const { PythonShell } = await load();
  const shell = new PythonShell(script('json_lines.py'), { mode: 'json', pythonPath: python });
  const lines = jsonLines({
    send: (value) => shell.send(value),
    sendAll: async (items) => {
      for (const item of items) shell.send(item); // one by one, and it holds nobody back
    },
  });
  shell.on('message', (message) => lines.receive([message]));
  return {
    ...lines.methods,
    close: () => new Promise((resolve) => shell.end(() => resolve())),
  };
}
