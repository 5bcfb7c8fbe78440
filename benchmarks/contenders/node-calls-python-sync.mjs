// The same, asked synchronously: the quickest way there is, and the loop of Node stands still meanwhile.
import { embed } from './node-calls-python.mjs';

export const title = 'node-calls-python, sync';
export const about = 'the same with `callSync()`: Node stands still until Python has answered';
export const packages = ['node-calls-python'];

export async function open({ python }) {
  const { interpreter, work } = await embed(python);
  return {
    losesNull: true, // None comes back as undefined
    call: async (value) => interpreter.callSync(work, 'echo', value),
    close: async () => {},
  };
}
