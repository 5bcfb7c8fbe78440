// Before the first drill: one scratch folder for the whole run, with a copy of every module and a link to the built
// package. The drills share it, so each environment is built once, by whichever drill comes first.
import { cpSync, mkdirSync, mkdtempSync, realpathSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export default function prepare(): void {
  const drills = resolve(__dirname, '..');
  const root = mkdtempSync(join(realpathSync(tmpdir()), 'synapse-e2e-'));
  cpSync(join(drills, 'modules'), join(root, 'modules'), {
    recursive: true,
    filter: (path) => !/[/\\](\.venv|__pycache__)$/.test(path),
  });
  cpSync(join(drills, 'hosts'), join(root, 'hosts'), { recursive: true });
  mkdirSync(join(root, 'node_modules'));
  symlinkSync(resolve(drills, '../../js'), join(root, 'node_modules/synapse-worker'));
  process.env.SYNAPSE_E2E_ROOT = root;
}
