// A client and its module grow apart: `--check`, `--watch`, and what a stale client is told when it connects.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { runNode, startSynapse, synapse, tsx } from '../support/command.js';
import { newModule } from '../support/scratch.js';
import { eventually } from '../support/waiting.js';

const ONE = `from synapse_worker import Module

app = Module()


@app.method
def price(symbol: str, *, depth: int = 1) -> float:
    """Price one symbol."""
    return 1.5
`;
const OTHER = ONE.replace('depth: int = 1', 'depth: float = 1.0');

const CALLER = `import { connect } from './generated/stock.js';
const stale = process.argv[2];
try {
  const onLog = ({ message }) => console.error(message);
  const stock = await connect({ ...(stale && { stale }), onLog });
  console.log('connected', await stock.price('A'));
  await stock.close();
} catch (error) {
  console.log(JSON.stringify({ name: error.name, code: error.code, message: error.message, details: error.details }));
}
`;

let project: string;
const main = (): string => join(project, 'stock/main.py');
const client = (): string => join(project, 'src/generated/stock.ts');
const generate = (...options: string[]) => synapse(['generate', 'stock', ...options], project);

beforeEach(() => {
  project = newModule({
    'package.json': '{ "type": "module" }',
    'stock/main.py': ONE,
    'stock/requirements.txt': '',
    'src/app.mjs': CALLER,
  });
});

describe('synapse generate', () => {
  it('writes src/generated beside the nearest package.json, the same bytes each time', async () => {
    expect(await generate()).toMatchObject({ code: 0 });
    const first = readFileSync(client(), 'utf8');
    expect(first).toMatch(/^\/\/ .*[Gg]enerated/);
    expect(first).toContain('price(');
    expect(await generate()).toMatchObject({ code: 0 });
    expect(readFileSync(client(), 'utf8')).toBe(first);
    expect(await generate('--check')).toMatchObject({ code: 0 });
  });

  it('--check exits 3 on drift, prints the difference, and writes nothing', async () => {
    await generate();
    const before = readFileSync(client(), 'utf8');
    writeFileSync(main(), ONE.replace('price(symbol', 'cost(symbol'));
    const { code, stdout } = await generate('--check');
    expect(code).toBe(3);
    expect(stdout).toMatch(/^-.*price\(/m);
    expect(stdout).toMatch(/^\+.*cost\(/m);
    expect(readFileSync(client(), 'utf8')).toBe(before);
  });

  it('--check exits 3 where there is no client yet', async () => {
    expect(await generate('--check')).toMatchObject({ code: 3 });
  });

  it('names file and line of a mistake, and keeps the last client', async () => {
    await generate();
    const before = readFileSync(client(), 'utf8');
    writeFileSync(main(), `${ONE}\n\ndef broken(:\n`);
    const { code, stderr } = await generate();
    expect(code).toBe(1);
    expect(stderr).toMatch(/main\.py(:|", line )12/);
    expect(readFileSync(client(), 'utf8')).toBe(before);
  });

  it('--watch keeps up, survives a mistake, and ends at Ctrl-C', async () => {
    const watching = startSynapse(['generate', 'stock', '--watch'], project);
    const holds = (text: string) =>
      eventually(
        `the client holds ${text}: ${watching.stdout}${watching.stderr}`,
        () => {
          try {
            return readFileSync(client(), 'utf8').includes(text);
          } catch {
            return false;
          }
        },
        60_000,
      );
    await holds('price(');
    writeFileSync(main(), ONE.replace('def price', 'def'));
    await eventually(
      'the mistake is told',
      () => /main\.py/.test(watching.stderr + watching.stdout),
      30_000,
    );
    writeFileSync(main(), ONE.replace('def price', 'def cost'));
    await holds('cost(');
    const { code, signal } = await watching.stop();
    expect(code === 0 || code === 130 || signal === 'SIGINT').toBe(true);
  }, 120_000);
});

describe('A stale client', () => {
  beforeEach(async () => {
    expect(await generate()).toMatchObject({ code: 0 });
    writeFileSync(main(), OTHER);
  });
  const run = (...args: string[]) =>
    runNode([...tsx, join(project, 'src/app.mjs'), ...args], project);

  it('is told so when it connects, with the first difference', async () => {
    const { stdout } = await run();
    const error = JSON.parse(stdout) as { code: string; message: string; details: object };
    expect(error.code).toBe('STALE_CLIENT');
    expect(error.message).toContain('price');
    expect(error.message).toContain('depth: float');
    expect(error.message).toContain('synapse generate');
  });

  it('may be warned only, or let be', async () => {
    const warned = await run('warn');
    expect(warned.stdout).toContain('connected 1.5');
    expect(warned.stderr).toMatch(/stale|synapse generate/);
    const ignored = await run('ignore');
    expect(ignored).toMatchObject({ stdout: 'connected 1.5\n', stderr: '' });
  });

  it('is not stale for a change of documentation or of code alone', async () => {
    writeFileSync(main(), ONE.replace('Price one symbol.', 'Another text.').replace('1.5', '2.5'));
    expect(await run()).toMatchObject({ stdout: 'connected 2.5\n', stderr: '' });
  });
});
