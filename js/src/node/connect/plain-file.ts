/** Reads what a module's folder holds. What is no plain file is refused: a pipe would be waited for, for ever. */
import { readFileSync, statSync } from 'node:fs';
import { invalid } from './option-checks.js';

/** @throws {SynapseError} `INVALID_CONFIG`: it is no plain file @throws {Error} it cannot be read, or is not there */
export function readPlainFile(path: string, advice = ''): string {
  if (!statSync(path).isFile()) throw invalid(`"${path}" is not a plain file.${advice}`);
  return readFileSync(path, 'utf8');
}
