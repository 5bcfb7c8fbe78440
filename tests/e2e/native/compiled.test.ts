// What serves a call comes from the library, where the wheel has one for the interpreter.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
import type { Client } from 'synapse-worker';
import { runNode } from '../support/command.js';
import { connect } from '../support/connect.js';
import { newModule } from '../support/scratch.js';

const MODULE = `
import sys, sysconfig
from pathlib import Path
from synapse_worker import Module

app = Module()


@app.method
def origins() -> list[str]:
    package = Path(sys.modules["synapse_worker"].__file__).parent
    library = package / "compiled" / sysconfig.get_config_var("EXT_SUFFIX")[1:]
    return [str(library), *(sys.modules[f"synapse_worker.{name}"].__file__ for name in ("worker.burst", "peer.outbox"))]
`;

const bin = resolve(__dirname, '../../../js/dist/esm/node/cli.js');

let client: Client;
afterEach(() => client?.terminate());

it.each([
  ['forked', { zygote: true }],
  ['spawned', { zygote: false }],
  ['told by its source what it serves', { dialect: 'auto' }],
] as const)('A worker that is %s takes it from there', async (_, options) => {
  client = await connect(newModule({ 'main.py': MODULE }), options);
  const [library, ...files] = await client.call<string[]>('origins');
  const isThere = existsSync(library as string);
  for (const file of files) {
    if (isThere) expect(file).toBe(library);
    else expect(file).toMatch(/\.py$/);
  }
});

it('The doctor tells whether it does', async () => {
  const folder = newModule({ 'main.py': MODULE });
  client = await connect(folder);
  const [library, file] = await client.call<string[]>('origins');
  const { stdout } = await runNode([bin, 'doctor', folder, '--offline', '--json'], folder);
  const { findings } = JSON.parse(stdout) as { findings: Record<string, unknown>[] };
  expect(findings.find(({ id }) => id === 'module.compiled')).toMatchObject({
    severity: existsSync(library as string) ? 'ok' : 'info',
    details: { compiled: file === library },
  });
});
