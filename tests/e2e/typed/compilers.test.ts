// The generated clients compile for every user: three TypeScripts, ES modules and CommonJS, all strict flags, with the
// package's own declarations checked; right uses compile, wrong ones do not, and what was compiled runs.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { compilers, installed, runNode, synapse } from '../support/command.js';
import { newFolder, sharedModule } from '../support/scratch.js';

const MODULES = ['values', 'shop', 'odd'];

const FLAGS = {
  module: 'NodeNext',
  target: 'ES2022',
  lib: ['ES2022', 'ESNext.Disposable'],
  types: ['node'],
  typeRoots: [installed('@types')],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noFallthroughCasesInSwitch: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  isolatedModules: true,
  verbatimModuleSyntax: true,
  declaration: true,
  skipLibCheck: false,
  rootDir: 'src',
  outDir: 'dist',
};

const RUN = `
async function main(): Promise<void> {
  const client = await shop.connect({ onLog: () => undefined });
  const total = await client.total_of([{ sku: shop.Sku('A'), price: 2 }], (item) => item.price * 21);
  const error: unknown = await client.fail('shop').catch((reason: unknown) => reason);
  await client.close();
  console.log(JSON.stringify({ total, typed: error instanceof shop.ShopError }));
}
void main();
`;

/** The same text as CommonJS: imports become `import = require`, and what is exported one namespace. */
function asCommonJs(text: string, name?: string): string {
  const required = text.replace(
    /^import (?:type )?\* as (\w+) from '(.*)';$/gm,
    "import $1 = require('$2');",
  );
  if (name === undefined) return required;
  const [head, body] = [required.match(/^(?:\/\/.*\n|import type .*\n|\n)*/)?.[0] ?? '', required];
  return `${head}namespace ${name} {\n${body.slice(head.length)}}\nexport = ${name};\n`;
}

interface Project {
  root: string;
  kind: 'esm' | 'cjs';
}

async function makeProject(kind: Project['kind']): Promise<Project> {
  const root = join(newFolder(), `project-${kind}`);
  const source = join(root, 'src');
  mkdirSync(source, { recursive: true });
  writeFileSync(
    join(root, 'package.json'),
    JSON.stringify({ type: kind === 'esm' ? 'module' : 'commonjs' }),
  );
  // Modules stand beside the project's sources, as links to what the other drills use: one environment for all.
  for (const module of MODULES) {
    const made = await synapse(
      ['generate', sharedModule(module), '-o', join(source, 'generated'), '--module', kind],
      root,
    );
    if (made.code !== 0) throw new Error(`generate ${module}: ${made.stdout}${made.stderr}`);
  }
  for (const file of ['uses.ts', 'wrong.ts', 'money.ts']) {
    const text = readFileSync(join(__dirname, file), 'utf8');
    const name = file === 'money.ts' ? 'money' : undefined;
    writeFileSync(join(source, file), kind === 'esm' ? text : asCommonJs(text, name));
  }
  const run = `import * as shop from './generated/shop.js';\n${RUN}`;
  writeFileSync(join(source, 'run.ts'), kind === 'esm' ? run : asCommonJs(run));
  return { root, kind };
}

/** What is compiled, and with which flags beside the strict ones. */
interface Compilation extends Record<string, unknown> {
  emit?: boolean;
  include?: string[];
}

/** What a compiler says of the project; nothing when all is well. */
async function compile(
  project: Project,
  compiler: string,
  { emit = false, include = ['src'], ...flags }: Compilation = {},
): Promise<string> {
  const config = join(project.root, `tsconfig-${compiler}.json`);
  writeFileSync(
    config,
    JSON.stringify({
      compilerOptions: { ...FLAGS, ...flags, noEmit: !emit },
      include,
    }),
  );
  const { code, stdout, stderr } = await runNode(
    [compilers[compiler]!, '-p', config],
    project.root,
  );
  return code === 0 ? '' : `${stdout}${stderr}` || `exit code ${code}`;
}

describe.each<Project['kind']>(['esm', 'cjs'])('In a strict project of kind %s', (kind) => {
  let project: Project;
  beforeAll(async () => {
    project = await makeProject(kind);
  }, 300_000);

  it.each(Object.keys(compilers))(
    'TypeScript %s accepts the clients and every right use, and no wrong one',
    async (compiler) => {
      expect(await compile(project, compiler)).toBe('');
    },
    120_000,
  );

  it('a project without the types of Node has its clients, too', async () => {
    const made = {
      include: ['src/generated'],
      types: [],
      lib: [...FLAGS.lib, 'DOM'],
      skipLibCheck: true,
    };
    for (const compiler of Object.keys(compilers)) {
      expect(await compile(project, compiler, made)).toBe('');
    }
  }, 120_000);

  it('what was compiled finds its module and calls it', async () => {
    expect(await compile(project, '7', { emit: true, include: ['src/run.ts'] })).toBe('');
    const { stdout, stderr } = await runNode([join(project.root, 'dist/run.js')], project.root);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({ total: 42, typed: true });
  }, 120_000);
});

it('each wrong use fails by itself', async () => {
  const project = await makeProject('esm');
  const file = join(project.root, 'src/wrong.ts');
  const marked = readFileSync(file, 'utf8').split('\n');
  const marks = marked.flatMap((line, index) => (line.includes('@ts-expect-error') ? [index] : []));
  writeFileSync(
    file,
    marked.map((line) => line.replace('@ts-expect-error', 'unmarked:')).join('\n'),
  );
  const report = await compile(project, '7', { include: ['src/wrong.ts'] });
  const failing = new Set(
    [...report.matchAll(/wrong\.ts[(:](\d+)/g)].map(([, line]) => Number(line) - 1),
  );
  expect(marks.filter((mark) => !failing.has(mark + 1)).map((mark) => marked[mark])).toEqual([]);
  expect(failing.size).toBe(marks.length);
}, 300_000);
