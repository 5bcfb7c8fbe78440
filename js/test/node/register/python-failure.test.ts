import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { pythonFailure } from '../../../src/node/register/python-failure.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'synapse-failure-'));
  writeFileSync(join(folder, 'main.py'), 'import this\n\ndef broken(:  \n');
});
afterEach(() => rmSync(folder, { recursive: true }));

const failure = (message: string, details: object | null): string =>
  pythonFailure(folder, { code: 'MODULE_START_FAILED', message, details }).message;

it('A failure with a place begins with it, once, and ends with the line itself', () => {
  const told = failure('invalid syntax (main.py, line 3)', { file: 'main.py', line: 3 });
  expect(told).toBe(`${folder}/main.py:3: invalid syntax\n     3 | def broken(:`);
});

it.each([
  ['there is no such line', { file: 'main.py', line: 30 }, 'main.py:30: bad'],
  ['there is no such file', { file: 'gone.py', line: 1 }, 'gone.py:1: bad'],
  ['the line is empty', { file: 'main.py', line: 2 }, 'main.py:2: bad'],
  ['no line is told', { file: 'main.py' }, 'main.py:1: bad\n     1 | import this'],
])('The line is left out where %s', (_, details, expected) => {
  expect(failure('bad', details)).toBe(`${folder}/${expected}`);
});

it.each([{}, { file: 'gone.py' }])('What to do stands below, as it is typed here: %p', (place) => {
  const hint = 'Add it and lock again, `synapse env lock m`.';
  expect(failure('No module named "numpy"', { ...place, hint })).toMatch(
    /No module named "numpy"\n {7}Add it and lock again, `npx synapse env lock m`\.$/,
  );
});

it('Code and details are those that were told', () => {
  const told = { code: 'SCHEMA_INVALID', message: 'odd', details: { file: 'main.py', line: 1 } };
  expect(pythonFailure(folder, told)).toMatchObject({ code: told.code, details: told.details });
});
