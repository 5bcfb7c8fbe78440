/** Reads what a module's folder holds. What is no plain file is refused: a pipe would be waited for, for ever. */
import { readFile, stat } from 'node:fs/promises';
import { invalid } from './option-checks.js';

/** @throws {SynapseError} `INVALID_CONFIG`: it is no plain file @throws {Error} it cannot be read, or is not there */
export async function readPlainFile(path: string, advice = ''): Promise<string> {
  if (!(await stat(path)).isFile()) throw invalid(`"${path}" is not a plain file.${advice}`);
  return readFile(path, 'utf8');
}
