// What has to be there before anything is measured, so that no build falls into a measurement: the modules' environments
// and generated clients as JavaScript.
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import {
  CLIENTS,
  ENVIRONMENTS,
  generatedClient,
  insideFile,
  moduleFolder,
  packageTool,
  ROOT,
  synapseInside,
} from './paths.mjs';

const run = promisify(execFile);

/** What the sources ask of their package by name, which is found from there only. */
const packageImports = {
  name: 'imports of the package',
  setup(build) {
    const { imports } = createRequire(import.meta.url)('../js/package.json');
    build.onResolve({ filter: /^#/ }, ({ path }) => ({
      path: join(ROOT, 'js', imports[path]),
      external: true,
    }));
  },
};

/** Makes something of the package that is not public: a build has no file for it. */
export async function prepareInside(source) {
  await packageTool('esbuild').build({
    entryPoints: [join(ROOT, 'js', 'src', source)],
    outfile: insideFile(source),
    plugins: [packageImports],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'warning',
  });
}

/** Builds the environments of modules; resolves to what went wrong, by module. */
export async function prepareEnvironments(modules) {
  await prepareInside(ENVIRONMENTS);
  const { ensureEnvironment } = synapseInside(ENVIRONMENTS);
  const failures = new Map();
  for (const name of modules) {
    try {
      await ensureEnvironment(moduleFolder(name), { dialect: 'auto', progress: 'silent' });
    } catch (error) {
      failures.set(name, error.message);
    }
  }
  return failures;
}

/** Generates a module's client and turns it into JavaScript that imports the package as built here. */
async function prepareClient(name) {
  const python = join(ROOT, '.venv', 'bin', 'python');
  const generate = ['-m', 'synapse_worker', 'generate', '--stdout', moduleFolder(name)];
  const { stdout: source } = await run(python, generate, { cwd: ROOT });
  const built = (file) => JSON.stringify(join(ROOT, 'js', 'dist', 'esm', file));
  const { code } = await packageTool('esbuild').transform(
    source
      .replace('"synapse-worker"', built('index.js'))
      .replace('"synapse-worker/plan"', built('core/schema/plans.js')),
    { loader: 'ts' },
  );
  mkdirSync(dirname(generatedClient(name)), { recursive: true });
  writeFileSync(generatedClient(name), code);
}

/** Generates all clients that are measured or weighed. */
export const prepareClients = () => Promise.all(CLIENTS.map(prepareClient));
