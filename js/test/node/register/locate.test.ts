import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { locate } from '../../../src/node/register/locate.js';
import { pythonSpecifier } from '../../../src/node/register/specifier.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(realpathSync(tmpdir()), 'synapse-locate-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(files: Record<string, unknown>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  }
}

/** Where `specifier` leads, seen from the file `importer`; both relative to the root. */
function located(specifier: string, importer: string): string {
  const url = pathToFileURL(join(root, importer)).href;
  const place = pythonSpecifier(specifier, url);
  if (place === undefined) throw new Error(`${specifier} is no Python`);
  return locate(specifier, place, url).slice(root.length + 1);
}

it('A file beside the importer is taken, whatever a tsconfig says', () => {
  write({
    'tsconfig.json': { compilerOptions: { outDir: 'dist', rootDir: 'src' } },
    'dist/pricing/main.py': '',
    'src/pricing/main.py': '',
  });
  expect(located('./pricing/main.py', 'dist/app.js')).toBe('dist/pricing/main.py');
});

describe('After a compilation the source folder is found', () => {
  it('by outDir and rootDir', () => {
    write({
      'package.json': {},
      'tsconfig.json': { compilerOptions: { outDir: 'build/js', rootDir: 'code' } },
      'code/pricing/main.py': '',
    });
    expect(located('./pricing/main.py', 'build/js/app.js')).toBe('code/pricing/main.py');
    expect(located('../pricing/main.py', 'build/js/deep/app.js')).toBe('code/pricing/main.py');
  });

  it('when the import leaves the folder of the source', () => {
    write({
      'package.json': {},
      'tsconfig.json': { compilerOptions: { outDir: 'dist/esm', rootDir: 'src' } },
      'pricing/main.py': '',
    });
    expect(located('../pricing/main.py', 'dist/esm/app.js')).toBe('pricing/main.py');
  });

  it('by outDir alone, with the sources in src or beside the tsconfig', () => {
    write({
      'tsconfig.json': { compilerOptions: { outDir: './out/' } },
      'src/a/main.py': '',
      'b/main.py': '',
    });
    expect(located('./a/main.py', 'out/app.js')).toBe('src/a/main.py');
    expect(located('./b/main.py', 'out/app.js')).toBe('b/main.py');
  });

  it('by a tsconfig of another name, with comments and trailing commas', () => {
    write({
      'package.json': {},
      'tsconfig.json': '{ "compilerOptions": { "noEmit": true } }',
      'tsconfig.build.json':
        '\uFEFF{\n  // where to\n  "compilerOptions": { /* out */ "outDir": "made/js", "rootDir": "./lib//x", },\n}',
      'lib/x/main.py': '',
    });
    expect(located('./main.py', 'made/js/app.js')).toBe('lib/x/main.py');
  });

  it('by an inherited tsconfig, whose paths are relative to itself', () => {
    write({
      'package.json': {},
      'config/base.json': { compilerOptions: { outDir: '../dist', rootDir: '../sources' } },
      'tsconfig.json': { extends: ['./config/base', '@tsconfig/node20/tsconfig.json'] },
      'sources/main.py': '',
    });
    expect(located('./main.py', 'dist/app.js')).toBe('sources/main.py');
  });

  it('by an inherited tsconfig that names the folder of its heir', () => {
    const configDir = '$' + '{configDir}';
    write({
      'packages/base.json': {
        compilerOptions: { outDir: `${configDir}/js`, rootDir: `${configDir}/ts` },
      },
      'packages/one/package.json': {},
      'packages/one/tsconfig.json': { extends: '../base.json' },
      'packages/one/ts/main.py': '',
    });
    expect(located('./main.py', 'packages/one/js/app.js')).toBe('packages/one/ts/main.py');
  });

  it('without a tsconfig: dist → src, then dist → the project', () => {
    write({ 'package.json': {}, 'src/a/main.py': '', 'b/main.py': '' });
    expect(located('./a/main.py', 'dist/app.js')).toBe('src/a/main.py');
    expect(located('./a/main.py', 'dist/esm/app.js')).toBe('src/a/main.py');
    expect(located('./b/main.py', 'dist/app.js')).toBe('b/main.py');
    expect(located('../b/main.py', 'dist/esm/app.js')).toBe('b/main.py');
  });

  it('past a package.json that only names the format of the build', () => {
    write({
      'package.json': { name: 'app' },
      'dist/esm/package.json': { type: 'module' },
      'src/pricing/main.py': '',
    });
    expect(located('./pricing/main.py', 'dist/esm/app.js')).toBe('src/pricing/main.py');
  });
});

it('A configuration that inherits from itself, or is no JSON, is no obstacle', () => {
  write({
    'package.json': {},
    'tsconfig.json': { extends: './tsconfig.json' },
    'tsconfig.broken.json': '{ nonsense',
    'src/main.py': '',
  });
  expect(located('./main.py', 'dist/app.js')).toBe('src/main.py');
});

it('A link leads to the file itself, so that both names are one module', () => {
  write({ 'pricing/main.py': '' });
  symlinkSync(join(root, 'pricing'), join(root, 'linked'));
  expect(located('./linked/main.py', 'app.js')).toBe('pricing/main.py');
});

it('The error names who imports, and every place that was tried', () => {
  write({
    'package.json': {},
    'tsconfig.json': { compilerOptions: { outDir: 'dist', rootDir: 'src' } },
    'src/pricing/main.py/not-a-file': '',
  });
  expect(() => located('./pricing/main.py', 'dist/app.js')).toThrow(
    `Cannot find the Python module "./pricing/main.py" imported by ${root}/dist/app.js. Looked for:\n` +
      `  - ${root}/dist/pricing/main.py\n` +
      `  - ${root}/src/pricing/main.py\n` +
      `  - ${root}/pricing/main.py\n`,
  );
});
