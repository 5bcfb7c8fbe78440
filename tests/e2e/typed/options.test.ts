// What the options of `synapse generate` change: camelCase names, exact times, checked results; in code and at run time.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { runNode, synapse, tsx } from '../support/command.js';
import { newModule } from '../support/scratch.js';

const MAIN = `from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from synapse_worker import Module

app = Module()


@dataclass
class OrderLine:
    """One line."""

    unit_price: float
    ordered_at: datetime
    line_kind: Literal["big_one", "small_one"] = "small_one"


@app.method
def add_line(order_line: OrderLine, *, max_depth: int = 1) -> dict[str, OrderLine]:
    """Keys and values stay as they are: only fields are renamed."""
    return {"some_key": order_line}


@app.method
def last_moment() -> datetime:
    """Microseconds that a Date does not hold."""
    from datetime import timezone

    return datetime(2026, 1, 31, 0, 0, 0, 123456, tzinfo=timezone.utc)


@app.method
def seconds(moment: datetime) -> str:
    return moment.isoformat()


@app.method(validate=False)
def free(value: int) -> int:
    return value
`;

let project: string;
const generate = (folder: string, ...options: string[]) =>
  synapse(['generate', 'orders', '-o', `src/${folder}`, ...options], project);
const text = (folder: string) => readFileSync(join(project, 'src', folder, 'orders.ts'), 'utf8');

/** What a program prints that uses the client in a folder. */
async function run(folder: string, body: string): Promise<unknown> {
  const file = join(project, `src/${folder}.ts`);
  const main = `const orders = await connect({ onLog: () => {} });
const show = (value: unknown) => console.log(JSON.stringify(value, (_, it) => (typeof it === 'bigint' ? \`\${it}n\` : it)));
${body}
await orders.close();`;
  writeFileSync(file, `import { connect } from './${folder}/orders.js';\n${main}\n`);
  const { stdout, stderr } = await runNode([...tsx, file], project);
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

beforeAll(() => {
  project = newModule({
    'package.json': '{ "type": "module" }',
    'orders/main.py': MAIN,
    'orders/requirements.txt': '',
    'src/readme': '',
  });
});

describe('--camel-case', () => {
  it('renames methods, parameters and fields, and nothing else, exactly back and forth', async () => {
    expect(await generate('camel', '--camel-case')).toMatchObject({ code: 0 });
    expect(text('camel')).toMatch(/addLine\(/);
    expect(text('camel')).toMatch(/unitPrice: number/);
    const line = { unitPrice: 1.5, orderedAt: '2026-01-31T00:00:00.000Z', lineKind: 'big_one' };
    const call = `const line = { unitPrice: 1.5, orderedAt: new Date('2026-01-31'), lineKind: 'big_one' } as const;
show(await orders.addLine(line, { maxDepth: 2 }));`;
    expect(await run('camel', call)).toEqual({ some_key: line });
  }, 120_000);
});

describe('--exact-times', () => {
  it('gives and takes epoch nanoseconds as bigint', async () => {
    expect(await generate('exact', '--exact-times')).toMatchObject({ code: 0 });
    expect(text('exact')).toMatch(/last_moment\(options\?: CallOptions\): Promise<bigint>/);
    const call = `const at = await orders.last_moment();
show([at, await orders.seconds(at)]);`;
    expect(await run('exact', call)).toEqual([
      '1769817600123456000n',
      '2026-01-31T00:00:00.123456+00:00',
    ]);
  }, 120_000);

  it('where the default is a Date of milliseconds', async () => {
    expect(await generate('plain')).toMatchObject({ code: 0 });
    expect(await run('plain', 'show(await orders.last_moment());')).toBe(
      '2026-01-31T00:00:00.123Z',
    );
  }, 120_000);
});

describe('--checked', () => {
  it('looks at results in the client, too', async () => {
    expect(await generate('checked', '--checked')).toMatchObject({ code: 0 });
    const call = `show(await orders.free('x' as never).catch((error) => [error.code, error.message]));`;
    const [code, message] = (await run('checked', call)) as [string, string];
    expect(code).toBe('RESULT_INVALID');
    expect(message).toMatch(/free|int/);
  }, 120_000);
});
