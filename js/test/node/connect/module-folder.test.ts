import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findModuleFolder, pathOfFile } from '../../../src/node/connect/module-folder.js';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(realpathSync(tmpdir()), 'synapse-folder-'));
  file('app/package.json', '{}');
  file('app/python/pricing/main.py');
  // What a build leaves: a package.json of its own, and JavaScript in a folder of the same name.
  file('app/dist/package.json', '{ "type": "commonjs" }');
  file('app/dist/python/pricing/index.js');
  file('elsewhere/pricing/main.py');
  file('odd/pricing/serve.py');
});
afterAll(() => rmSync(root, { recursive: true }));

function file(path: string, text = ''): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
}

const SPEC = { module: 'pricing', directory: 'python/pricing' };

describe("A generated client's module", () => {
  it.each(['app/src/generated/pricing.ts', 'app/dist/generated/pricing.js', 'app/bundle.mjs'])(
    'is found from %s, past folders that only look like it',
    (path) => {
      expect(findModuleFolder(SPEC, { file: join(root, path) })).toBe(
        join(root, 'app/python/pricing'),
      );
    },
  );

  it('is found from the working directory or the main script where a bundler lost the file', () => {
    const found = join(root, 'app/python/pricing');
    expect(findModuleFolder(SPEC, { workingDirectory: join(root, 'app/src') })).toBe(found);
    expect(findModuleFolder(SPEC, { mainScript: join(root, 'app/dist/main.cjs') })).toBe(found);
  });

  it('is looked for first where the environment says, by folder or by name', () => {
    const environment = { SYNAPSE_MODULES: `/nowhere:${join(root, 'elsewhere')}` };
    const where = { environment, file: join(root, 'app/src/pricing.ts') };
    const found = join(root, 'elsewhere/pricing');
    expect(findModuleFolder(SPEC, where)).toBe(found);
    expect(findModuleFolder({ ...SPEC, directory: 'python/other' }, where)).toBe(found);
  });

  it('is the folder that the caller names, without a look elsewhere', () => {
    expect(findModuleFolder(SPEC, { dir: join(root, 'nowhere') })).toBe(join(root, 'nowhere'));
  });

  it('is known by another entrypoint when the caller names that', () => {
    const environment = { SYNAPSE_MODULES: join(root, 'odd') };
    expect(findModuleFolder(SPEC, { environment, entrypoint: 'serve' })).toBe(
      join(root, 'odd/pricing'),
    );
  });

  it('is missed with a list of all the places', () => {
    const spec = { module: 'gone', directory: 'python/gone' };
    expect(() => findModuleFolder(spec, { file: join(root, 'app/src/gone.ts') })).toThrow(
      new RegExp(
        `"gone" was not found.*connect\\(\\{ dir \\}\\).*SYNAPSE_MODULES.*\n  ${root}/app/python/gone`,
      ),
    );
  });
});

describe('The place of a generated file', () => {
  it.each([
    [pathToFileURL('/a b/c.js').href, '/a b/c.js'],
    ['/a/c.cjs', '/a/c.cjs'],
    [undefined, undefined],
    ['', undefined],
    ['https://x/c.js', undefined],
    ['data:text/javascript,1', undefined],
  ])('%j is %j', (given, path) => {
    expect(pathOfFile(given)).toBe(path);
  });
});
