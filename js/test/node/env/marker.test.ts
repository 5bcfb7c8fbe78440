import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parseMarker, readMarker } from '../../../src/node/env/marker.js';
import { temporaryFolder } from './temporary.js';

const MARKER = {
  format: 1,
  state: 'ready',
  owned: true,
  directory: '/m',
  runtime: { version: '0.1.0', sha256: 'aa' },
  inputs: [{ path: 'requirements.txt', size: 0, sha256: 'bb' }],
  python_request: null,
  interpreter: { path: '/m/p', version: '3.11.7', base: '/b', base_size: 1, base_mtime_ns: 2 },
  launch: { python: '/m/p', script: '/m/launch.py' },
  codec: null,
  backend: 'uv',
  built_at: '2026-01-01T00:00:00+00:00',
};

test('a marker as the builder writes it is read as it is', () => {
  expect(parseMarker(structuredClone(MARKER))).toEqual(MARKER);
});

test.each([
  ['no object', 7],
  ['null', null],
  ['a list', [MARKER]],
  ['another format', { ...MARKER, format: 2 }],
  ['a building marker, which has no launch yet', { ...MARKER, state: 'building', launch: null }],
  ['inputs that are no files', { ...MARKER, inputs: [{ size: 1 }] }],
  ['a codec without a version', { ...MARKER, codec: { name: 'msgspec' } }],
])('%s is no marker', (_title, value) => {
  expect(parseMarker(value)).toBeUndefined();
});

test('a directory without a marker, and one whose marker is torn, have none', async () => {
  const folder = await temporaryFolder();
  expect(readMarker(folder)).toBeUndefined();
  await mkdir(join(folder, '.venv'));
  await writeFile(join(folder, '.venv', 'synapse.json'), JSON.stringify(MARKER).slice(0, -9));
  expect(readMarker(folder)).toBeUndefined();
});

test('the paths of a carried environment are those of where it stands', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, '.venv'));
  const interpreter = { ...MARKER.interpreter, path: '.venv/bin/python' };
  const launch = { python: '.venv/bin/python', script: '.venv/launch.py' };
  const carried = { ...MARKER, relocatable: true, interpreter, launch };
  await writeFile(join(folder, '.venv', 'synapse.json'), JSON.stringify(carried));
  const marker = readMarker(folder);
  expect(marker?.launch).toEqual({
    python: join(folder, '.venv/bin/python'),
    script: join(folder, '.venv/launch.py'),
  });
  expect(marker?.interpreter.path).toBe(join(folder, '.venv/bin/python'));
});
