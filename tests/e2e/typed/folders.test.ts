// Where a generated client finds its module: from src/, from dist/, from a bundle, by option, by variable, and not.
import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { compilers, installed, runNode, synapse, tsx } from '../support/command.js';
import { newFolder, newModule } from '../support/scratch.js';

const MAIN = `from synapse_worker import Module

app = Module()


@app.method
def where() -> str:
    return __file__
`;

const APP = `import { connect } from './generated/places.js';

async function main(): Promise<void> {
  const places = await connect({ onLog: () => undefined });
  console.log(await places.where());
  await places.close();
}
main().catch((error: unknown) => console.log(String(error)));
`;

let project: string;
beforeAll(async () => {
  project = newModule({
    'package.json': '{ "type": "module" }',
    'python/places/main.py': MAIN,
    'python/places/requirements.txt': '',
    'src/deep/app.ts': APP.replace('./generated', '../generated'),
    'src/app.ts': APP,
    'elsewhere/readme': '',
  });
  const made = await synapse(['generate', 'python/places', '-o', 'src/generated'], project);
  expect(made).toMatchObject({ code: 0 });
}, 120_000);

const expected = (): string => `${join(project, 'python/places/main.py')}\n`;
const run = (args: string[], cwd = project, env: NodeJS.ProcessEnv = {}) => runNode(args, cwd, env);

describe('A client finds its module', () => {
  it('from src/, wherever the program is started', async () => {
    for (const file of ['src/app.ts', 'src/deep/app.ts']) {
      const args = [...tsx, join(project, file)];
      expect((await run(args)).stdout).toBe(expected());
    }
  });

  it('from dist/', async () => {
    const flags =
      '--module nodenext --target es2022 --rootDir src --outDir dist --skipLibCheck'.split(' ');
    const types = ['--types', 'node', '--typeRoots', installed('@types')];
    const compiled = await run([compilers['7']!, ...flags, ...types, 'src/app.ts']);
    expect(compiled).toMatchObject({ code: 0, stdout: '' });
    expect((await run([join(project, 'dist/app.js')], dirname(project))).stdout).toBe(expected());
  }, 120_000);

  it.each(['esm', 'cjs'])(
    'from a bundle (%s), started beside it or from the project',
    async (format) => {
      const bundle = join(project, 'build', format === 'esm' ? 'app.mjs' : 'app.cjs');
      const options = [
        '--bundle',
        '--platform=node',
        `--format=${format}`,
        '--external:synapse-worker',
      ];
      const built = await run([
        installed('esbuild/bin/esbuild'),
        'src/app.ts',
        ...options,
        `--outfile=${bundle}`,
      ]);
      expect(built.code).toBe(0);
      expect((await run([bundle])).stdout).toBe(expected());
      expect((await run([bundle], join(project, 'elsewhere'))).stdout).toBe(expected());
    },
  );

  it.each(['esm', 'cjs'])(
    'from a bundle (%s) that holds the package too, and says what is missing where it is taken away',
    async (format) => {
      const name = format === 'esm' ? 'whole.mjs' : 'whole.cjs';
      const bundle = join(project, 'build', name);
      const options = ['--bundle', '--platform=node', `--format=${format}`];
      const built = await run([
        installed('esbuild/bin/esbuild'),
        'src/app.ts',
        ...options,
        `--outfile=${bundle}`,
      ]);
      expect(built.code).toBe(0);
      expect((await run([bundle])).stdout).toBe(expected());
      expect((await run([bundle], join(project, 'elsewhere'))).stdout).toBe(expected());

      const away = mkdtempSync(join(realpathSync(tmpdir()), 'synapse-away-'));
      try {
        cpSync(bundle, join(away, name));
        const env = { SYNAPSE_MODULES: join(project, 'python'), SYNAPSE_RUNTIME_DIR: '' };
        const { stdout } = await run([join(away, name)], away, env);
        expect(stdout).toContain('synapse-worker was bundled');
        expect(stdout).toContain('--external:synapse-worker');
      } finally {
        rmSync(away, { recursive: true });
      }
    },
  );

  it('in a folder that the option or the variable names', async () => {
    const moved = join(newFolder(), 'modules');
    cpSync(join(project, 'python/places'), join(moved, 'places'), { recursive: true });
    const args = [...tsx, join(project, 'src/app.ts')];
    const { stdout } = await run(args, project, { SYNAPSE_MODULES: `/nowhere:${moved}` });
    expect(stdout).toBe(`${join(moved, 'places/main.py')}\n`);
    const option = join(project, 'src/option.ts');
    writeFileSync(
      option,
      APP.replace('{ onLog', `{ dir: ${JSON.stringify(join(moved, 'places'))}, onLog`),
    );
    expect((await run([...tsx, option])).stdout).toBe(`${join(moved, 'places/main.py')}\n`);
  });

  it('or lists where it looked', async () => {
    const away = newModule({ 'package.json': '{ "type": "module" }' }, 'away');
    cpSync(join(project, 'src'), join(away, 'src'), { recursive: true });
    const { stdout } = await run([...tsx, join(away, 'src/app.ts')], away);
    expect(stdout).toContain(join(away, 'python/places'));
    expect(stdout).toContain('SYNAPSE_MODULES');
  });
});

describe('Two modules of one name', () => {
  it('are refused together, and a name in [tool.synapse] settles it', async () => {
    const twins = newModule({
      'package.json': '{ "type": "module" }',
      'a/stock/main.py': MAIN,
      'b/stock/main.py': MAIN,
    });
    const generate = () => synapse(['generate', 'a/stock', 'b/stock'], twins);
    const refused = await generate();
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toMatch(/name/);
    writeFileSync(join(twins, 'b/stock/pyproject.toml'), '[tool.synapse]\nname = "other_stock"\n');
    expect(await generate()).toMatchObject({ code: 0 });
  }, 120_000);
});
