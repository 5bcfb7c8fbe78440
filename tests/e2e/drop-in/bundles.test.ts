// `Synapse` in a bundle that holds the package: rxjs, which it loads late, may lie in it or be left outside.
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { installed, runNode } from '../support/command.js';
import { newProgram } from '../support/programs.js';

const APP = `import { Synapse } from 'synapse-worker';
const synapse = new Synapse();
console.log(typeof synapse.instanceLogs.pipe);
`;

it.each([
  { format: 'esm', outside: [] },
  { format: 'esm', outside: ['--external:rxjs'] },
  { format: 'cjs', outside: [] },
  { format: 'cjs', outside: ['--external:rxjs'] },
])('The class runs in a bundle ($format, $outside)', async ({ format, outside }) => {
  const folder = newProgram({ 'app.ts': APP });
  const bundle = join(folder, format === 'esm' ? 'app.mjs' : 'app.cjs');
  const options = ['--bundle', '--platform=node', `--format=${format}`, ...outside];
  const built = await runNode(
    [installed('esbuild/bin/esbuild'), 'app.ts', ...options, `--outfile=${bundle}`],
    folder,
  );
  expect(built).toMatchObject({ code: 0 });
  expect(await runNode([bundle], folder)).toMatchObject({ code: 0, stdout: 'function\n' });
});
