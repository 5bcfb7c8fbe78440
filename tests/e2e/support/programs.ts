// Programs of a user's own: a folder with sources and the packages they would have installed, run by Node.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { newFolder, scratchRoot } from './scratch.js';
import { within } from './waiting.js';

const checkout = resolve(__dirname, '../../..');
/** Packages of the development tools that programs may ask for. */
const TOOLS = ['tsx', 'esbuild', 'get-tsconfig', 'typescript', '@types', 'undici-types'];

/** This Node, and those named by SYNAPSE_TEST_NODES, a list like PATH: hooks differ between releases. */
export const nodes: readonly string[] = [
  process.execPath,
  ...(process.env.SYNAPSE_TEST_NODES ?? '').split(delimiter).filter(Boolean),
];

/** Links the built package and the development tools into a folder's node_modules. */
export function linkPackages(folder: string): void {
  const modules = join(folder, 'node_modules');
  mkdirSync(modules, { recursive: true });
  symlinkSync(join(checkout, 'js'), join(modules, 'synapse-worker'));
  for (const name of TOOLS) {
    const tool = join(checkout, 'js', 'node_modules', name);
    if (existsSync(tool)) symlinkSync(tool, join(modules, name));
  }
}

/** A new folder with these files and `"type": "module"`, unless they say otherwise. */
export function newProgram(files: Record<string, string>): string {
  const folder = newFolder();
  const all = { 'package.json': '{ "name": "program", "type": "module" }', ...files };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  linkPackages(folder);
  return folder;
}

export interface ProgramEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. */
export async function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; withinMs?: number } = {},
): Promise<ProgramEnd> {
  const child = spawn(command, args, {
    cwd: options.cwd ?? scratchRoot,
    env: { ...process.env, CI: 'true', NODE_OPTIONS: undefined, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<ProgramEnd>((settle, reject) => {
    child.on('error', reject);
    child.on('close', (code) => settle({ code, stdout, stderr }));
  });
  try {
    return await within(options.withinMs ?? 60_000, `${command} ${args.join(' ')} ends`, ended);
  } catch (late) {
    child.kill('SIGKILL');
    throw new Error(`${String(late)}\n${stdout}\n${stderr}`);
  }
}
