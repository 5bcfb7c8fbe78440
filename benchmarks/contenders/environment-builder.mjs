// Builds the environment of a module that needs numpy, again and again: by Synapse, or by the tools' own commands.
import { execFile } from 'node:child_process';
import { cp, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ENVIRONMENTS, moduleFolder, synapseInside, uvCommand } from '../paths.mjs';

const run = promisify(execFile);

export const title = 'environment builder';
export const about = 'an environment for numpy, in a folder of its own';
export const module = 'arrays';

/** What a user types who has no Synapse, and what Synapse does; each is given the folder of a module. */
const BUILDS = {
  async pip(folder, python) {
    await run(python, ['-m', 'venv', '.venv'], { cwd: folder });
    const pip = ['-m', 'pip', 'install', '--quiet', '--requirement', 'requirements.txt'];
    await run(join(folder, '.venv', 'bin', 'python'), pip, { cwd: folder });
  },
  async uv(folder, python) {
    await run(uvCommand(), ['venv', '--quiet', '--python', python], { cwd: folder });
    const install = ['pip', 'install', '--quiet', '--requirement', 'requirements.txt'];
    await run(uvCommand(), install, { cwd: folder });
  },
  synapseByUv: (folder) => ensure(folder, 'uv'),
  synapseByVirtualenv: (folder) => ensure(folder, 'virtualenv'),
};

function ensure(folder, backend) {
  process.env.SYNAPSE_UV = uvCommand();
  const { ensureEnvironment } = synapseInside(ENVIRONMENTS);
  return ensureEnvironment(folder, { dialect: 'auto', backend, progress: 'silent' });
}

/** @param options `by`: which of them builds */
export async function open({ python, options: { by } }) {
  return {
    /** Resolves once a new copy of the module has its environment; the copy goes with `remove()`. */
    async build() {
      const folder = await realpath(await mkdtemp(join(tmpdir(), 'synapse-build-')));
      for (const name of ['main.py', 'requirements.txt'])
        await cp(join(moduleFolder(module), name), join(folder, name));
      const began = performance.now();
      await BUILDS[by](folder, python);
      const seconds = (performance.now() - began) / 1000;
      return { seconds, remove: () => rm(folder, { recursive: true }) };
    },
    close: async () => {},
  };
}
