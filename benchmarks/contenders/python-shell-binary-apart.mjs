// python-shell's binary mode with the loop that its users write: each reply is written and flushed by itself.
import { load, openShell, packages } from './python-shell-binary.mjs';

export const title = 'python-shell, unbatched';
export const about =
  'binary mode with length-prefixed MessagePack, pipelined, matched by order, each reply a write of its own';
export { load, packages };

export const open = ({ python }) => openShell(python, ['1']);
