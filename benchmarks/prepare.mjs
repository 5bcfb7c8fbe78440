// What has to be there before anything is measured, so that no build falls into a measurement: the modules' environments
// and the typed module's client as JavaScript.
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { moduleFolder, packageTool, ROOT, synapseInside, typedClient } from './paths.mjs';

const run = promisify(execFile);

/** Builds the environments of modules. */
export async function prepareEnvironments(modules) {
  const { ensureEnvironment } = synapseInside('node/env/index.js');
  for (const name of modules)
    await ensureEnvironment(moduleFolder(name), { dialect: 'auto', progress: 'silent' });
}

/** Generates the typed module's client and turns it into JavaScript that imports the package as built here. */
export async function prepareTypedClient() {
  const python = join(ROOT, '.venv', 'bin', 'python');
  const generate = ['-m', 'synapse_worker', 'generate', '--stdout', moduleFolder('typed')];
  const { stdout: source } = await run(python, generate, { cwd: ROOT });
  const built = join(ROOT, 'js', 'dist', 'esm', 'index.js');
  const { code } = await packageTool('esbuild').transform(
    source.replace('"synapse-worker"', JSON.stringify(built)),
    { loader: 'ts' },
  );
  mkdirSync(dirname(typedClient()), { recursive: true });
  writeFileSync(typedClient(), code);
}
