// The clients that are committed beside these drills are what the generator writes today, and Prettier leaves them
// alone. `SYNAPSE_E2E_UPDATE=1` writes them anew.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { installed, runNode, synapse } from '../support/command.js';
import { scratchRoot, sharedModule } from '../support/scratch.js';

const COMMITTED = join(__dirname, 'generated');

// As if the modules stood in a package of their own, so that the folder in the client is the same on every machine.
const made = join(scratchRoot, 'modules', 'generated');
const manifest = join(scratchRoot, 'modules', 'package.json');

it.each(['values', 'shop', 'odd'])(
  'the client of %s is up to date, and laid out as Prettier does',
  async (module) => {
    mkdirSync(made, { recursive: true });
    if (!existsSync(manifest)) writeFileSync(manifest, '{ "type": "module" }');
    const { code, stderr } = await synapse(['generate', sharedModule(module), '-o', made], made);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    const file = join(made, `${module}.ts`);
    const committed = join(COMMITTED, `${module}.ts`);
    if (process.env.SYNAPSE_E2E_UPDATE !== undefined) copyFileSync(file, committed);
    expect(readFileSync(committed, 'utf8')).toBe(readFileSync(file, 'utf8'));

    const prettier = [installed('prettier/bin/prettier.cjs'), '--no-config', '--check', file];
    expect(await runNode(prettier, made)).toMatchObject({ code: 0 });
  },
  300_000,
);
