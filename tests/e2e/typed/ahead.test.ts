// What a generated client asks of every worker is computed once before they are forked: counted by the
// processes that evaluate the annotations of a module.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { runNode, synapse, tsx } from '../support/command.js';
import { newModule } from '../support/scratch.js';

const MODULE = `from __future__ import annotations

import os

from synapse_worker import Module

app = Module()
evaluated = []


def noted(annotation):
    evaluated.append(os.getpid())
    return annotation


@app.method
def where(given: noted(int)) -> list[int]:
    """Return the process that answers and those that have evaluated the annotation above."""
    return [os.getpid(), *evaluated]
`;
const SETUP = `

@app.setup
def prepare():
    evaluated.clear()
`;

const CALLER = `import { connect } from './generated/stock.js';
const stock = await connect(JSON.parse(process.argv[2]));
const [first] = stock.$client.workers;
const answers = [await stock.where(1)];
process.kill(first.pid, 'SIGKILL');
while (stock.$client.workers.some(({ pid }) => pid === first.pid)) await new Promise(setImmediate);
answers.push(await stock.where(1));
console.log(JSON.stringify(answers));
await stock.close();
`;

let project: string;
const onLinux = process.platform === 'linux' ? describe : describe.skip;

beforeAll(async () => {
  project = newModule({
    'package.json': '{ "type": "module" }',
    'stock/main.py': MODULE,
    'stock/requirements.txt': '',
    'src/app.mjs': CALLER,
  });
  expect(await synapse(['generate', 'stock'], project)).toMatchObject({ code: 0 });
});

/** What the first worker and the one in its place say: their own process, then who evaluated what. */
async function answers(options: object = {}): Promise<[number, ...number[]][]> {
  const args = [...tsx, join(project, 'src/app.mjs'), JSON.stringify(options)];
  const { code, stdout, stderr } = await runNode(args, project);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const said = JSON.parse(stdout) as [number, ...number[]][];
  expect(said).toHaveLength(2);
  return said;
}

onLinux('A worker that was forked for a generated client', () => {
  it('evaluates no annotation itself, nor does one in its place', async () => {
    const [[first, ...ahead], [second, ...again]] = (await answers()) as [
      [number, ...number[]],
      [number, ...number[]],
    ];
    expect(second).not.toBe(first);
    expect(ahead.length).toBeGreaterThan(0);
    expect(again).toEqual(ahead);
    expect(new Set(ahead).size).toBe(1);
    expect([first, second]).not.toContain(ahead[0]);
  });

  it.each([
    ['is not asked for its schema', { stale: 'ignore' }, ''],
    ['has a setup, which may change what they mean', {}, SETUP],
    ['was spawned', { zygote: false }, ''],
  ])('evaluates them itself where it %s', async (_, options, more) => {
    writeFileSync(join(project, 'stock/main.py'), MODULE + more);
    for (const [own, ...evaluated] of await answers(options)) {
      expect(new Set(evaluated)).toEqual(new Set([own]));
    }
  });
});
