// Two suites: `js` tests the sources as TypeScript; `e2e` is a black box against the built package.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

const swc = createRequire(import.meta.url).resolve('@swc/jest');

const typescript = {
  testEnvironment: 'node',
  // In the temporary folder it would be one more thing that a run leaves there.
  cacheDirectory: at('node_modules/.cache/jest'),
  modulePaths: [at('node_modules')],
  transform: {
    '\\.ts$': [
      swc,
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
};

// TypeScript sources name each other by the `.js` they become.
const sourceNames = { '^(\\.{1,2}/.*)\\.js$': '$1' };

export default {
  projects: [
    {
      ...typescript,
      displayName: 'js',
      rootDir: at('.'),
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      moduleNameMapper: sourceNames,
    },
    {
      ...typescript,
      displayName: 'e2e',
      rootDir: at('../tests/e2e'),
      globalSetup: '<rootDir>/support/prepare.ts',
      globalTeardown: '<rootDir>/support/clear-away.ts',
      testMatch: ['<rootDir>/**/*.test.ts'],
      modulePathIgnorePatterns: ['/\\.venv/'],
      moduleNameMapper: {
        ...sourceNames,
        '^synapse-worker$': at('dist/cjs/index.js'),
        '^synapse-worker/plan$': at('dist/cjs/core/schema/plans.js'),
        '^synapse-worker/testing$': at('dist/cjs/testing/index.js'),
      },
    },
  ],
  // Only a watchdog: a drill may be the first, which builds an environment on a machine that is slow and has nothing yet.
  testTimeout: 180_000,
  reporters: ['default', at('scripts/jest-watchdog.mjs')],
};
