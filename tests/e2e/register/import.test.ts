// Python files imported by JavaScript and TypeScript: `--import synapse-worker/register`, beside tsx and alone.
import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { processesNaming } from '../support/processes.js';
import { newProgram, nodes, type ProgramEnd, run } from '../support/programs.js';
import { newFolder } from '../support/scratch.js';
import { eventually } from '../support/waiting.js';

const REGISTER = ['--import', 'synapse-worker/register'];
const TSX = ['--import', 'tsx'];

const PRICING = `
from collections.abc import Iterator
from dataclasses import dataclass
from synapse_worker import Module

app = Module()

@dataclass
class Quote:
    symbol: str
    depth: int

class Unknown(Exception):
    pass

@app.method(raises=(Unknown,))
def quote(symbol: str, *, depth: int = 1) -> Quote:
    if symbol.islower():
        raise Unknown(symbol)
    return Quote(symbol, depth)

@app.method
def count(to: int) -> Iterator[int]:
    yield from range(to)

@app.service
class Counter:
    def __init__(self, start: int = 0) -> None:
        self.value = start

    def increment(self, by: int = 1) -> int:
        self.value += by
        return self.value
`;

const APP = `
import { count, quote, Unknown, Counter } from './pricing/main.py';

const items = [];
for await (const item of count(3)) items.push(item);
const error = await quote('acme').catch((reason) => reason);
const counter = await Counter.create(10);
console.log(JSON.stringify([
  await quote('ACME', { depth: 3 }), items, error instanceof Unknown, error.message, await counter.increment(5),
]));
`;
const SAID = JSON.stringify([{ symbol: 'ACME', depth: 3 }, [0, 1, 2], true, 'acme', 15]);

function good({ code, stdout, stderr }: ProgramEnd): string {
  if (code !== 0) throw new Error(`exit code ${code}:\n${stdout}\n${stderr}`);
  return stdout.trim();
}

describe.each(nodes)('%s', (node) => {
  const folder = newProgram({
    'pricing/main.py': PRICING,
    'app.js': APP,
    'app.ts': `${APP}\nconst typed: number = 1;\nvoid typed;\n`,
  });
  const start = (...args: string[]): Promise<ProgramEnd> => run(node, args, { cwd: folder });

  it('JavaScript needs nothing but the registration, and ends by itself', async () => {
    expect(good(await start(...REGISTER, 'app.js'))).toBe(SAID);
    await eventually('no worker is left', () => processesNaming(folder).length === 0);
  });

  it('TypeScript runs through tsx, whichever of the two comes first', async () => {
    expect(good(await start(...TSX, ...REGISTER, 'app.ts'))).toBe(SAID);
    expect(good(await start(...REGISTER, ...TSX, 'app.ts'))).toBe(SAID);
  });

  it('The registration may also be required', async () => {
    expect(good(await start('--require', 'synapse-worker/register', 'app.js'))).toBe(SAID);
  });

  it('A require() of Python says what to do instead', async () => {
    writeFileSync(join(folder, 'requiring.cjs'), "require('./pricing/main.py');");
    const { code, stderr } = await start(...REGISTER, 'requiring.cjs');
    expect(code).toBe(1);
    expect(stderr).toContain('main.py cannot be loaded with require()');
    expect(stderr).toContain('Use await import()');
  });

  it('CommonJS imports it with import()', async () => {
    const text = "import('./pricing/main.py').then(({ quote }) => quote('A')).then(console.log);";
    writeFileSync(join(folder, 'dynamic.cjs'), text);
    expect(good(await start(...REGISTER, 'dynamic.cjs'))).toBe("{ symbol: 'A', depth: 1 }");
  });

  it('Without the registration Node says that it does not know the extension', async () => {
    const { code, stderr } = await start('app.js');
    expect(code).toBe(1);
    expect(stderr).toContain('ERR_UNKNOWN_FILE_EXTENSION');
  });
});

describe('What is imported', () => {
  it('may lie in folders with spaces, other scripts and signs that URLs encode', async () => {
    const folder = newProgram({
      'my module/größe 100%/main.py': PRICING,
      'app.js':
        "import { quote } from './my module/größe 100%25/main.py';\n" +
        "const same = await import('./my%20module/gr%C3%B6%C3%9Fe%20100%25/main.py');\n" +
        "console.log((await quote('ACME')).symbol, same.quote === quote);",
    });
    expect(good(await run(process.execPath, [...REGISTER, 'app.js'], { cwd: folder }))).toBe(
      'ACME true',
    );
  });

  it('is its own entrypoint, whatever its name, and its folder the module', async () => {
    const folder = newProgram({
      'pricing/prices.py':
        'from synapse_worker import Module\nfrom beside import VALUE\napp = Module()\n' +
        '@app.method\ndef value() -> int:\n    return VALUE\n',
      'pricing/beside.py': 'VALUE = 42\n',
      'app.js': "import { value } from './pricing/prices.py';\nconsole.log(await value());",
    });
    expect(good(await run(process.execPath, [...REGISTER, 'app.js'], { cwd: folder }))).toBe('42');
  });

  it('is another instance, with its own workers, under another query', async () => {
    const folder = newProgram({
      'pid/main.py':
        'import os\nfrom synapse_worker import Module\napp = Module()\n@app.method\ndef pid() -> int:\n    return os.getpid()\n',
      'app.js':
        "import { pid } from './pid/main.py';\nimport { pid as other } from './pid/main.py?other';\n" +
        'console.log((await pid()) === (await pid()), (await pid()) === (await other()));',
    });
    expect(good(await run(process.execPath, [...REGISTER, 'app.js'], { cwd: folder }))).toBe(
      'true false',
    );
  });

  it('is reached through imports of a package.json too', async () => {
    const folder = newProgram({
      'package.json': '{ "type": "module", "imports": { "#pricing": "./pricing/main.py" } }',
      'pricing/main.py': PRICING,
      'app.js': "import { quote } from '#pricing';\nconsole.log((await quote('A')).symbol);",
    });
    for (const node of nodes) {
      expect(good(await run(node, [...REGISTER, 'app.js'], { cwd: folder }))).toBe('A');
    }
  });

  it('keeps its place when the importer was compiled into another folder', async () => {
    const folder = newProgram({
      'tsconfig.json': '{ "compilerOptions": { "outDir": "dist/js", "rootDir": "src" } }',
      'src/pricing/main.py': PRICING,
      'dist/js/app.js': APP,
    });
    expect(
      good(await run(process.execPath, [...REGISTER, 'dist/js/app.js'], { cwd: folder })),
    ).toBe(SAID);
  });
});

describe('What goes wrong', () => {
  const start = (files: Record<string, string>, ...args: string[]): Promise<ProgramEnd> =>
    run(process.execPath, [...REGISTER, ...args, 'app.js'], { cwd: newProgram(files) });

  it('A file that is nowhere is reported with every place that was tried', async () => {
    const { code, stderr } = await start({ 'app.js': "import './pricing/main.py';" });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /Cannot find the Python module "\.\/pricing\/main\.py" imported by .*app\.js\. Looked for:\n {2}- .*pricing\/main\.py/,
    );
  });

  it('An error in the Python names its file and line', async () => {
    const { code, stderr } = await start({
      'app.js': "import './pricing/main.py';",
      'pricing/main.py': 'from synapse_worker import Module\napp = Module()\n\ndef broken(:\n',
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^SynapseError \[MODULE_START_FAILED\]: .*pricing\/main\.py:4: .*SyntaxError: .*\n +4 \| def broken\(:$/m,
    );
    expect(stderr.match(/^ +at .*/gm)).toEqual([expect.stringMatching(/pricing\/main\.py {$/)]);
  });

  it('A script without a module is told from one with', async () => {
    const { code, stderr } = await start({
      'app.js': "import './raw/main.py';",
      'raw/main.py': 'import sys\nsys.stdin.buffer.read()\n',
    });
    expect(code).toBe(1);
    expect(stderr).toContain('main.py cannot be imported: it does not import synapse_worker');
  });
});

describe('What was emitted', () => {
  const files = { 'pricing/main.py': PRICING, 'app.js': APP };

  it('is kept until the Python changes', async () => {
    const folder = newProgram(files);
    const cache = newFolder();
    const start = async (): Promise<string> =>
      good(
        await run(process.execPath, [...REGISTER, 'app.js'], {
          cwd: folder,
          env: { SYNAPSE_CACHE_DIR: cache },
        }),
      );
    const kept = (): string[] => readdirSync(join(cache, 'register'));
    expect(await start()).toBe(SAID);
    const first = kept();
    expect(first).toHaveLength(1);
    expect(await start()).toBe(SAID);
    expect(kept()).toEqual(first);
    const source = join(folder, 'pricing/main.py');
    writeFileSync(`${source}.new`, `${PRICING}\n@app.method\ndef added() -> int:\n    return 1\n`);
    renameSync(`${source}.new`, source);
    writeFileSync(
      join(folder, 'app.js'),
      "import { added } from './pricing/main.py';\nconsole.log(await added());",
    );
    expect(await start()).toBe('1');
    expect(kept()).toHaveLength(2);
  });

  it('is the same for many processes that start at once with nothing kept', async () => {
    const folder = newProgram(files);
    const cache = newFolder();
    mkdirSync(join(cache, 'register'), { recursive: true });
    const env = { SYNAPSE_CACHE_DIR: cache };
    const ends = await Promise.all(
      [1, 2, 3].map(() => run(process.execPath, [...REGISTER, 'app.js'], { cwd: folder, env })),
    );
    expect(ends.map(good)).toEqual([SAID, SAID, SAID]);
    expect(readdirSync(join(cache, 'register')).filter((name) => !/^\w+\.js$/.test(name))).toEqual(
      [],
    );
  });
});
