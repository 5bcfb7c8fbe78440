// pythonia: attribute access on a proxy. Its bridge starts with the import, so the interpreter is named before that.
import { script } from '../paths.mjs';
import { operations } from './parts/operations.mjs';

export const title = 'pythonia';
export const about =
  'a bridged function over Node IPC; the result crosses as a JSON string, one round trip instead of two';
export const packages = ['pythonia'];

/** A bridged call gives up after this long, in milliseconds: long enough for any that is measured. */
const timeout = 120_000;

export async function open({ python: interpreter }) {
  process.env.PYTHON_BIN = interpreter;
  const { python } = await import('pythonia');
  const bridged = await python(script('bridged.py'));

  const ask = async (operation, value) =>
    JSON.parse(await bridged[`${operation}$`](value, { $timeout: timeout }));
  return {
    ...operations(ask),
    call: async (value) => JSON.parse(await bridged.echo(value)),
    isSlow: true, // a round trip an item
    produce: async function* (count) {
      yield* await bridged.produce(count);
    },
    close: async () => python.exit(),
  };
}
