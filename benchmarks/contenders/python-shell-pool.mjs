// python-shell has no pool: what one builds on it is a process each, taken in turns.
import * as shell from './python-shell-binary.mjs';

export const title = 'python-shell, in turns';
export const about = 'as many shells in binary mode, taken in turns';
export const { packages } = shell;

export async function open({ python, workers }) {
  const shells = await Promise.all(Array.from({ length: workers }, () => shell.open({ python })));
  let next = 0;
  return {
    spin: (rounds) => {
      next = (next + 1) % workers;
      return shells[next].spin(rounds);
    },
    close: () => Promise.all(shells.map((one) => one.close())),
  };
}
