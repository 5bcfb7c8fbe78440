/** What a module's folder says about how it wants to be run: `[tool.synapse]`, checked. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SynapseError } from '../../core/protocol/errors.js';
import { readToolTable, type ToolValue } from './tool-table.js';

export interface ModuleSettings {
  readonly entrypoint?: string;
  readonly name?: string;
  readonly python?: string;
  readonly workers?: number;
}

const KINDS = {
  entrypoint: 'string',
  name: 'string',
  python: 'string',
  workers: 'number',
} as const;

/** Reads the settings of the module in `directory`; a folder without any has none. */
export async function readModuleSettings(directory: string): Promise<ModuleSettings> {
  let text: string;
  try {
    text = await readFile(join(directory, 'pyproject.toml'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  const table = readToolTable(text);
  if (table === undefined) return {};
  for (const [key, value] of table) check(key, value);
  return Object.fromEntries(table) as ModuleSettings;
}

function check(key: string, value: ToolValue): void {
  const kind: string | undefined = Object.hasOwn(KINDS, key)
    ? KINDS[key as keyof typeof KINDS]
    : undefined;
  if (kind === undefined) {
    const known = Object.keys(KINDS).join(', ');
    throw invalid(`[tool.synapse] in pyproject.toml has no key "${key}"; it knows ${known}.`);
  }
  if (typeof value !== kind) {
    throw invalid(`[tool.synapse] in pyproject.toml: ${key} must be a ${kind}.`);
  }
}

function invalid(message: string): SynapseError {
  return new SynapseError('INVALID_CONFIG', message);
}
