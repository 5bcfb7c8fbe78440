// mockModule() on a client that was really generated, in the test runners people use: Jest here, node:test in a process.
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { synapse } from '../support/command.js';
import { newProgram, run } from '../support/programs.js';

const PRICING = `
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from synapse_worker import Module

app = Module()

@dataclass
class Quote:
    symbol: str
    at: datetime

class OutOfStock(Exception):
    pass

@app.method(raises=(OutOfStock,))
def quote(symbol: str, *, depth: int = 1) -> Quote: ...

@app.method
def ticks(symbol: str) -> Iterator[Quote]: ...

@app.service
class Counter:
    def __init__(self, start: int = 0) -> None: ...
    def increment(self, by: int = 1) -> int: ...
`;

const TEST = `
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mockModule } from 'synapse-worker/testing';
import { OutOfStock, Pricing } from './generated/pricing.js';

const at = new Date('2026-01-31T12:00:00Z');

test('functions, streams, services and errors are mocked', async () => {
  const pricing = mockModule(Pricing, {
    quote: async (symbol, keywords) => {
      if (symbol === 'none') throw new OutOfStock('none left');
      return { symbol: symbol.repeat(keywords?.depth ?? 1), at };
    },
    *ticks(symbol) {
      yield { symbol, at };
    },
    Counter: { create: (start = 0) => ({ increment: (by = 1) => start + by }) },
  });
  assert.deepEqual(await pricing.quote('A', { depth: 2 }), { symbol: 'AA', at });
  for await (const tick of pricing.ticks('A')) assert.deepEqual(tick, { symbol: 'A', at });
  const counter = await pricing.Counter.create(10);
  assert.equal(await counter.increment(5), 15);
  await assert.rejects(pricing.quote('none'), OutOfStock);
  assert.deepEqual(pricing.mock.calls.quote, [['A', { depth: 2 }], ['none']]);
});
`;

it('runs under node:test', async () => {
  const folder = newProgram({ 'pricing/main.py': PRICING, 'src/mock.test.ts': TEST });
  const generated = await synapse(['generate', 'pricing'], folder);
  expect([generated.code, generated.stderr]).toEqual([0, expect.any(String)]);
  const test = join('src', 'mock.test.ts');
  const { code, stdout } = await run(process.execPath, ['--import', 'tsx', '--test', test], {
    cwd: folder,
  });
  expect(stdout).toMatch(/# pass 1\n# fail 0\n/);
  expect(code).toBe(0);
});
