/** What a module's folder says about how it wants to be run: `[tool.synapse]`, checked. */
import { join } from 'node:path';
import { invalid } from './option-checks.js';
import type { ConnectOptions } from './options.js';
import { readPlainFile } from './plain-file.js';
import { poolPolicyOf } from './pool-options.js';
import { readToolTable, type ToolValue } from './tool-table.js';

/** Options of `connect()` that stand with the module. */
export type ModuleSettings = Pick<
  ConnectOptions,
  | ('entrypoint' | 'name' | 'python' | 'workers' | 'concurrency' | 'maxQueue' | 'retries')
  | ('timeoutMs' | 'queueTimeoutMs' | 'totalTimeoutMs' | 'idleTimeoutMs')
  | 'shareEnvironment'
  | ('startTimeoutMs' | 'closeTimeoutMs' | 'graceMs' | 'recycle' | 'limits' | 'zygote')
>;

/** What may stand behind a key. */
const KINDS = {
  text: { is: (value: ToolValue) => typeof value === 'string' && value !== '', as: 'a string' },
  switch: { is: (value: ToolValue) => typeof value === 'boolean', as: 'true or false' },
  amount: { is: isIntegerFrom(0), as: 'a whole number of at least 0' },
  count: { is: isIntegerFrom(1), as: 'a whole number of at least 1' },
  names: { is: isListOfNames, as: 'a list of names' },
} as const;

/** Each key: what may stand behind it, and the option it is, in a group or by itself; or none, for the builder. */
const KEYS: Readonly<Record<string, readonly [kind: keyof typeof KINDS, ...path: string[]]>> = {
  entrypoint: ['text', 'entrypoint'],
  name: ['text', 'name'],
  python: ['text', 'python'],
  workers: ['count', 'workers'],
  'min-workers': ['amount', 'workers', 'min'],
  'max-workers': ['count', 'workers', 'max'],
  concurrency: ['count', 'concurrency'],
  'max-queue': ['amount', 'maxQueue'],
  retries: ['amount', 'retries'],
  'timeout-ms': ['amount', 'timeoutMs'],
  'queue-timeout-ms': ['amount', 'queueTimeoutMs'],
  'total-timeout-ms': ['amount', 'totalTimeoutMs'],
  'idle-timeout-ms': ['amount', 'idleTimeoutMs'],
  'start-timeout-ms': ['amount', 'startTimeoutMs'],
  'close-timeout-ms': ['amount', 'closeTimeoutMs'],
  'grace-ms': ['amount', 'graceMs'],
  'recycle-calls': ['count', 'recycle', 'calls'],
  'recycle-memory-bytes': ['count', 'recycle', 'memoryBytes'],
  'recycle-age-ms': ['count', 'recycle', 'ageMs'],
  'limit-memory-bytes': ['count', 'limits', 'memoryBytes'],
  'limit-address-space-bytes': ['count', 'limits', 'addressSpaceBytes'],
  'limit-cpu-seconds': ['count', 'limits', 'cpuSeconds'],
  'limit-open-files': ['count', 'limits', 'openFiles'],
  'limit-processes': ['count', 'limits', 'processes'],
  'limit-file-size-bytes': ['count', 'limits', 'fileSizeBytes'],
  zygote: ['switch', 'zygote'],
  'share-environment': ['switch', 'shareEnvironment'],
  groups: ['names'],
  extras: ['names'],
};

/** Reads the settings of the module in `directory`; a folder without any has none. */
export function readModuleSettings(directory: string): ModuleSettings {
  let text: string;
  try {
    text = readPlainFile(join(directory, 'pyproject.toml'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  const table = readToolTable(text) ?? new Map<string, ToolValue>();
  if (table.has('workers') && (table.has('min-workers') || table.has('max-workers'))) {
    throw refusal('it has workers, so it cannot have min-workers or max-workers');
  }
  const settings: Record<string, unknown> = {};
  for (const [key, value] of table) place(settings, key, value);
  // Each is fine by itself; whether they are together is known there.
  poolPolicyOf(settings);
  return settings;
}

/** The options with those of the module where they say nothing; in a group, one by one. */
export function withSettings(options: ConnectOptions, settings: ModuleSettings): ConnectOptions {
  const merged: Record<string, unknown> = { ...settings };
  for (const [name, option] of Object.entries(options))
    if (option !== undefined) merged[name] = option;
  const { recycle, limits } = options;
  if (isGroup(recycle)) merged.recycle = { ...settings.recycle, ...recycle };
  if (isGroup(limits)) merged.limits = { ...settings.limits, ...limits };
  return merged;
}

function place(settings: Record<string, unknown>, key: string, value: ToolValue): void {
  const [kind, name, member] = Object.hasOwn(KEYS, key) ? (KEYS[key] ?? []) : [];
  if (kind === undefined) {
    const known = Object.keys(KEYS).join(', ');
    throw invalid(`[tool.synapse] in pyproject.toml has no key "${key}"; it knows ${known}.`);
  }
  const { is, as } = KINDS[kind];
  if (!is(value)) throw refusal(`${key} must be ${as}`);
  if (name === undefined) return;
  if (member === undefined) settings[name] = value;
  else settings[name] = { ...(settings[name] as object | undefined), [member]: value };
}

function isGroup(option: unknown): option is object {
  return typeof option === 'object' && option !== null;
}

function isListOfNames(value: ToolValue): boolean {
  return Array.isArray(value) && value.every((name) => name !== '');
}

function isIntegerFrom(least: number): (value: ToolValue) => boolean {
  return (value) => Number.isSafeInteger(value) && (value as number) >= least;
}

function refusal(problem: string): Error {
  return invalid(`[tool.synapse] in pyproject.toml: ${problem}.`);
}
