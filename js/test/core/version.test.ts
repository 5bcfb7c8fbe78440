import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from '@jest/globals';
import { VERSION } from '../../src/core/version.js';

it('The version in the source is that of the package, in both wings', () => {
  const { version } = JSON.parse(readFileSync(resolve(__dirname, '../../package.json'), 'utf8'));
  expect(VERSION).toBe(version);
  const python = resolve(__dirname, '../../../python_side/synapse_worker/version.py');
  expect(readFileSync(python, 'utf8')).toContain(`"${VERSION}"`);
});
