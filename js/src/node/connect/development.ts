/** What `synapse dev` tells the program beside it, through its environment: which modules it looks after itself. */
import { realpathSync } from 'node:fs';
import { delimiter } from 'node:path';

/** The real paths of the folders that `synapse dev` watches; it says what is wrong with them, and writes their clients. */
const MODULES_VARIABLE = 'SYNAPSE_DEV';

/** Whether this process runs beside a `synapse dev` that looks after the module in `directory`. */
export function isDeveloped(
  directory: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): boolean {
  const modules = environment[MODULES_VARIABLE];
  return modules?.split(delimiter).includes(realpathSync(directory)) ?? false;
}
