/** The watchdog of these suites: what hangs where Jest's own bounds do not hold is named and ended. */
import { spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';

const ROOT = resolve(__dirname, '..');
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'synapse-watchdog-')));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each([
  [
    'a test that blocks the event loop',
    'test("blocks", () => { for (;;); });',
    'hangs.test.cjs',
    'JEST_WATCHDOG_MS',
  ],
  ['what blocks before the first test', 'for (;;);', 'hangs.test.cjs', 'JEST_WATCHDOG_MS'],
  [
    'what a test leaves open',
    'test("leaves", () => { setInterval(() => 0, 1000); });',
    'Jest',
    'JEST_WATCHDOG_EXIT_MS',
  ],
])('%s is named, and the run ended', async (_, source, name, bound) => {
  writeFileSync(join(folder, 'jest.config.json'), '{ "testMatch": ["**/*.test.cjs"] }');
  writeFileSync(join(folder, 'hangs.test.cjs'), source);
  const jest = spawn(
    process.execPath,
    [
      join(ROOT, 'node_modules/jest/bin/jest.js'),
      ...['--runInBand', '--watchman=false', '--cache=false', '--rootDir', folder],
      ...['--reporters', join(ROOT, 'scripts/jest-watchdog.mjs')],
    ],
    {
      cwd: folder,
      env: { ...process.env, [bound]: '300' },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let said = '';
  jest.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const watchdog = setTimeout(() => jest.kill('SIGKILL'), 60_000);
  const signal = await new Promise((ended) => jest.on('close', (_code, by) => ended(by)));
  clearTimeout(watchdog);
  expect(said).toMatch(new RegExp(`${name}.* did not end within 0.3 s`));
  expect(signal).toBe('SIGKILL');
});
