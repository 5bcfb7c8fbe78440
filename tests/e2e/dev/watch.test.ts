// `connect({ watch: true })`: workers follow the files of their module, environment and generated client included.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
import { type Client, type ConnectOptions, connect } from 'synapse-worker';
import { runNode, synapse, tsx } from '../support/command.js';
import { isAlive } from '../support/processes.js';
import { newModule } from '../support/scratch.js';
import { eventually } from '../support/waiting.js';

type LogRecord = Parameters<NonNullable<ConnectOptions['onLog']>>[0];

const MAIN = `import os
from synapse_worker import Module

app = Module()

@app.method
def answer() -> int:
    return 1

@app.method
def codec() -> str:
    import msgpack
    return ".".join(map(str, msgpack.version))
`;

let client: Client | undefined;
afterEach(() => client?.terminate());

function save(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

async function watched(directory: string, records: LogRecord[]): Promise<Client> {
  client = await connect(directory, { watch: true, onLog: (record) => records.push(record) });
  return client;
}

it('serves the new Python after an edit, and tells by file and line what does not start', async () => {
  const directory = newModule({ 'main.py': MAIN }, 'pricing');
  const records: LogRecord[] = [];
  const pricing = await watched(directory, records);
  expect(await pricing.call('answer')).toBe(1);

  save(join(directory, 'main.py'), `${MAIN}\ndef broken(:\n`);
  const told = await eventually('the mistake is told', () =>
    records.find(({ level }) => level === 'ERROR'),
  );
  const file = join(directory, 'main.py');
  expect(told).toMatchObject({ source: 'runtime', file, line: 15 });
  expect(told.message).toMatch(/main\.py:15: .*SyntaxError/);
  expect(await pricing.call('answer')).toBe(1);

  save(file, MAIN.replace('return 1', 'return 2'));
  await eventually('the new answer', async () => (await pricing.call('answer')) === 2);
  expect(records.filter(({ level }) => level === 'ERROR')).toEqual([told]);
});

it('makes the environment ready when the requirements have changed', async () => {
  const directory = newModule({ 'main.py': MAIN, 'requirements.txt': 'msgpack==1.1.0\n' });
  const pricing = await watched(directory, []);
  expect(await pricing.call('codec')).toBe('1.1.0');
  save(join(directory, 'requirements.txt'), 'msgpack==1.1.1\n');
  await eventually(
    'the other version',
    async () => (await pricing.call('codec')) === '1.1.1',
    60_000,
  );
});

it('keeps no program alive, and watches no more once the client is closed', async () => {
  const directory = newModule({ 'pricing/main.py': MAIN, 'package.json': '{ "type": "module" }' });
  writeFileSync(
    join(directory, 'app.js'),
    `import { connect } from 'synapse-worker';
const client = await connect('pricing', { watch: true, onEnvironmentEvent() {} });
console.log(client.workers[0].pid);
if (process.argv[2] === 'close') await client.close();
`,
  );
  for (const manner of ['forget', 'close']) {
    const { code, stdout, stderr } = await runNode(['app.js', manner], directory);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await eventually('the worker is gone', () => !isAlive(Number(stdout)));
  }
});

it('tells a generated client once that its module has another schema now', async () => {
  const project = newModule({
    'package.json': '{ "type": "module" }',
    'pricing/main.py': MAIN,
    'src/app.mjs': `import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from './generated/pricing.js';

const told = [];
const reloads = () => told.filter(({ level }) => level === 'INFO').length;
const pricing = await connect({ watch: true, onEnvironmentEvent() {}, onLog: (record) => told.push(record) });
const alive = setInterval(() => {}, 1000);
for (const [from, to] of [['() -> int', '(extra: int = 0) -> int'], ['return 1', 'return 2']]) {
  const before = reloads();
  writeFileSync('pricing/main.py', readFileSync('pricing/main.py', 'utf8').replace(from, to));
  while (reloads() === before) await new Promise((resume) => setTimeout(resume, 10));
}
console.log(await pricing.answer());
await pricing.close();
clearInterval(alive);
console.log(JSON.stringify(told.filter(({ level }) => level === 'WARNING').map(({ message }) => message)));
`,
  });
  expect(await synapse(['generate', 'pricing'], project)).toMatchObject({ code: 0 });
  expect(readFileSync(join(project, 'src/generated/pricing.ts'), 'utf8')).toContain('answer(');
  const { code, stdout, stderr } = await runNode([...tsx, 'src/app.mjs'], project);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [answer, warnings] = stdout.trim().split('\n');
  expect(answer).toBe('2');
  expect(JSON.parse(warnings as string)).toEqual([expect.stringMatching(/stale: .*"answer" was/)]);
});
