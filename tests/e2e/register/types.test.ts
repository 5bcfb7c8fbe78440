// What the compiler knows of an imported Python file: `synapse generate --declarations` and `allowArbitraryExtensions`.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { compilers, installed, runNode, synapse } from '../support/command.js';
import { linkPackages, nodes, run } from '../support/programs.js';
import { newFolder } from '../support/scratch.js';

const EXAMPLE = resolve(__dirname, '../../../examples/import-python');
const REGISTER = ['--import', 'synapse-worker/register'];
const SAID = [
  /^ACME costs \d+\.\d\d, 3 deep$/,
  /^and then [\d.]+, [\d.]+, [\d.]+$/,
  /^UnknownSymbolError: acme is not a symbol$/,
];
const WRONG = `
import { quote, ticks } from './pricing/main.py';

// @ts-expect-error a symbol is a string
void quote(5);
// @ts-expect-error there is no such keyword
void quote('ACME', { deep: 3 });
// @ts-expect-error a price is a number
const price: string = (await quote('ACME')).price;
// @ts-expect-error a stream is no promise
const tick: Promise<unknown> = ticks('ACME');
void price;
void tick;
`;

let folder: string;
beforeAll(async () => {
  folder = join(newFolder(), 'import-python');
  cpSync(EXAMPLE, folder, {
    recursive: true,
    filter: (path) => !/[/\\](node_modules|dist|\.venv|__pycache__|main\.d\.py\.ts)$/.test(path),
  });
  linkPackages(folder);
  const generated = await synapse(['generate', 'pricing', '--declarations'], folder);
  expect(generated.stderr + generated.stdout).toContain('main.d.py.ts');
  expect(generated.code).toBe(0);
}, 240_000);

it('The declarations in the repository are those that are generated', () => {
  const name = 'pricing/main.d.py.ts';
  expect(readFileSync(join(EXAMPLE, name), 'utf8')).toBe(readFileSync(join(folder, name), 'utf8'));
});

describe.each(Object.keys(compilers))('TypeScript %s', (version) => {
  it.each([
    ['NodeNext', 'NodeNext'],
    ['ESNext', 'Bundler'],
  ])('compiles right uses and no wrong ones (%s, %s)', async (module, moduleResolution) => {
    writeFileSync(join(folder, 'wrong.ts'), WRONG);
    const name = `tsconfig.${version}.${moduleResolution}.json`;
    const compilerOptions = {
      module,
      moduleResolution,
      lib: ['ES2022', 'ESNext.Disposable'],
      noEmit: true,
      types: ['node'],
      typeRoots: [installed('@types')],
    };
    writeFileSync(
      join(folder, name),
      JSON.stringify({
        extends: './tsconfig.json',
        compilerOptions,
        include: ['app.ts', 'wrong.ts'],
      }),
    );
    const { code, stdout } = await runNode([compilers[version] as string, '-p', name], folder);
    expect(stdout).toBe('');
    expect(code).toBe(0);
  });
});

describe.each(nodes)('The example on %s', (node) => {
  it('runs as TypeScript', async () => {
    const args = ['--import', 'tsx', ...REGISTER, 'app.ts'];
    const { stdout, code } = await run(node, args, { cwd: folder });
    expect(code).toBe(0);
    expectLines(stdout, SAID);
  });

  it('runs as JavaScript', async () => {
    const { stdout, code } = await run(node, [...REGISTER, 'plain.js'], { cwd: folder });
    expect(code).toBe(0);
    expectLines(stdout, [/^ACME costs \d+\.\d\d$/]);
  });

  it('runs compiled', async () => {
    const compiled = await run(node, [compilers['7'] as string], { cwd: folder });
    expect([compiled.code, compiled.stdout]).toEqual([0, '']);
    const { stdout, code } = await run(node, [...REGISTER, 'dist/app.js'], { cwd: folder });
    expect(code).toBe(0);
    expectLines(stdout, SAID);
  });
});

function expectLines(text: string, lines: readonly RegExp[]): void {
  const said = text.trim().split('\n');
  expect(said).toHaveLength(lines.length);
  lines.forEach((line, index) => {
    expect(said[index]).toMatch(line);
  });
}
