// `synapse dev`: the developer's loop, with the real command, a real module and a real program beside it.
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
import { childrenOf, isAlive, processesNaming } from '../support/processes.js';
import { newProgram } from '../support/programs.js';
import { eventually, within } from '../support/waiting.js';

const SYNAPSE = resolve(__dirname, '../../../js/dist/esm/node/cli.js');
const MAIN = `
from synapse_worker import Module

app = Module()

@app.method
def answer() -> int:
    return 1
`;
/** Calls for ever and says what it gets, once each time that changes. */
const PROGRAM = `
import { connect } from 'synapse-worker';

console.log('watched', process.env.SYNAPSE_WATCH);
const client = await connect('./pricing', { onLog: () => {} });
let last;
for (;;) {
  const got = await client.call('answer');
  if (got !== last) console.log('answer', got);
  last = got;
  await new Promise((resume) => setTimeout(resume, 20));
}
`;

class Dev {
  stdout = '';
  stderr = '';
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;

  constructor(folder: string, ...args: string[]) {
    this.child = spawn(process.execPath, [SYNAPSE, 'dev', ...args], {
      cwd: folder,
      env: { ...process.env, CI: 'true' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.ended = new Promise((settle) => this.child.on('close', (code) => settle(code)));
    running.add(this);
  }

  says(text: string | RegExp): Promise<unknown> {
    const there = (): boolean => {
      const all = this.stdout + this.stderr;
      return typeof text === 'string' ? all.includes(text) : text.test(all);
    };
    return eventually(`"${text}" is said`, there, 60_000).catch((late) => {
      throw new Error(`${late}\n${this.stdout}\n${this.stderr}`);
    });
  }
}

const running = new Set<Dev>();
afterEach(async () => {
  // What does not end is a fault of this test, and of none behind it.
  const ending = [...running];
  running.clear();
  for (const dev of ending) {
    dev.child.kill('SIGTERM');
    await within(60_000, 'synapse dev ends', dev.ended).finally(() => dev.child.kill('SIGKILL'));
  }
});

/** Saves as editors do: a new file takes the place of the old one. */
function save(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

const newProject = (): string => newProgram({ 'pricing/main.py': MAIN, 'app.js': PROGRAM });

it('writes the client, again after an edit, and only when it differs', async () => {
  const folder = newProject();
  const client = join(folder, 'src/generated/pricing.ts');
  const main = join(folder, 'pricing/main.py');
  const dev = new Dev(folder, 'pricing');
  await dev.says('✓ pricing: ');
  expect(readFileSync(client, 'utf8')).toContain('answer(');
  const { mtimeMs, ino } = statSync(client);

  save(main, MAIN.replace('return 1', 'return 2'));
  await dev.says('unchanged');
  expect(statSync(client)).toMatchObject({ mtimeMs, ino });

  save(main, `${MAIN}\n@app.method\ndef added(text: str) -> str:\n    return text\n`);
  await eventually('the new function is there', () =>
    readFileSync(client, 'utf8').includes('added('),
  );
});

it('says what is wrong by file and line, and keeps the last good client', async () => {
  const folder = newProject();
  const client = join(folder, 'src/generated/pricing.ts');
  const main = join(folder, 'pricing/main.py');
  const dev = new Dev(folder, 'pricing');
  await dev.says('✓ pricing: ');
  const good = readFileSync(client, 'utf8');

  save(main, `${MAIN}\ndef broken(:\n`);
  await dev.says(/^pricing\/main\.py:10: .*SyntaxError.*\n +10 \| def broken\(:$/m);
  await dev.says('✗ pricing: the last good client stays');
  expect(readFileSync(client, 'utf8')).toBe(good);

  save(main, `${MAIN}\nimport no_such_package\n`);
  await dev.says(/^pricing\/main\.py:10: .*no_such_package.*\n +10 \| import no_such_package$/m);

  await dev.says(/If "no_such_package" is a package, add it .* to pricing\/requirements\.txt/);

  save(main, MAIN);
  await dev.says('✓ pricing: mended');
});

it('reloads the workers of the program beside it, and keeps the old ones while the code is broken', async () => {
  const folder = newProject();
  const main = join(folder, 'pricing/main.py');
  const dev = new Dev(folder, 'pricing', '--', process.execPath, 'app.js');
  await dev.says('watched 1');
  await dev.says('answer 1');

  save(main, 'def broken(:\n');
  await dev.says('✗ pricing');
  save(main, MAIN.replace('return 1', 'return 2'));
  await dev.says('answer 2');
  expect(dev.stdout).toMatch(/^watched 1\nanswer 1\nanswer 2\n$/);
});

it('ends with the program and its exit code', async () => {
  const folder = newProject();
  const dev = new Dev(folder, 'pricing', '--', process.execPath, '-e', 'process.exit(7)');
  expect(await dev.ended).toBe(7);
});

it('takes the program and all workers along when it is interrupted', async () => {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const folder = newProject();
    const dev = new Dev(folder, 'pricing', '--', 'sh', '-c', `${process.execPath} app.js; true`);
    await dev.says('answer 1');
    const before = processesNaming(folder);
    expect(before.length).toBeGreaterThan(0);
    dev.child.kill(signal);
    expect(await dev.ended).toBe(code);
    await eventually('nothing is left', () => before.every((pid) => !isAlive(pid)));
  }
});

it('ends with the program and all workers when the Node that started it is killed', async () => {
  const folder = newProject();
  const dev = new Dev(folder, 'pricing', '--', process.execPath, 'app.js');
  await dev.says('answer 1');
  const before = processesNaming(folder);
  const python = childrenOf(dev.child.pid ?? 0);
  expect(python.length).toBe(1);
  dev.child.kill('SIGKILL');
  await eventually('nothing is left', () => [...before, ...python].every((pid) => !isAlive(pid)));
});

it('says once at which line the Python is broken; the program only that its workers stay', async () => {
  const folder = newProject();
  const program = PROGRAM.replace(', { onLog: () => {} }', '');
  writeFileSync(join(folder, 'app.js'), program);
  const dev = new Dev(folder, 'pricing', '--', process.execPath, 'app.js');
  await dev.says('answer 1');
  save(join(folder, 'pricing/main.py'), 'from synapse_worker import Module\ndef broken(:\n');
  await dev.says('✗ pricing');
  await dev.says('pricing: Not reloaded: the workers from before the edit go on.');
  expect(dev.stderr.match(/main\.py:2: /g)).toHaveLength(1);
});

it('builds no second environment: the module has its own, and keeps it', async () => {
  const folder = newProject();
  const dev = new Dev(folder, 'pricing');
  await dev.says('✓ pricing: ');
  const environments = (): string[] =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (path) => path.endsWith('pyvenv.cfg') && !path.startsWith('node_modules'),
    );
  expect(environments()).toEqual(['pricing/.venv/pyvenv.cfg']);
  const configuration = join(folder, 'pricing/.venv/pyvenv.cfg');
  const { mtimeMs, ino } = statSync(configuration);
  save(join(folder, 'pricing/main.py'), `${MAIN}\n`);
  await dev.says('unchanged');
  expect(environments()).toEqual(['pricing/.venv/pyvenv.cfg']);
  expect(statSync(configuration)).toMatchObject({ mtimeMs, ino });
});

it('refuses a folder and a command that are not there', async () => {
  const folder = newProject();
  const nowhere = new Dev(folder, 'nowhere');
  expect(await nowhere.ended).toBe(2);
  expect(nowhere.stderr).toContain('"nowhere" does not exist');
  const unknown = new Dev(folder, 'pricing', '--', 'no-such-command');
  expect(await unknown.ended).toBe(2);
  expect(unknown.stderr).toContain('"no-such-command" was not found');
});
