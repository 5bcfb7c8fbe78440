// pythonia: attribute access on a proxy. Its bridge starts with the import, so the interpreter is named before that.
import { script } from '../paths.mjs';

export const name = 'pythonia';
export const about =
  'a bridged function over Node IPC; the result crosses as a JSON string, one round trip';

export async function open({ python: interpreter }) {
  process.env.PYTHON_BIN = interpreter;
  const { python } = await import('pythonia');
  const bridged = await python(script('bridged_echo.py'));

  return {
    call: async (payload) => JSON.parse(await bridged.echo(payload)),
    close: async () => python.exit(),
  };
}
