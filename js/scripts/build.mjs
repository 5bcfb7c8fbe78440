// Builds dist/: one source, compiled twice (ES modules and CommonJS). Run by `npm run build`.
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));

rmSync(`${root}/dist`, { recursive: true, force: true });
for (const project of ['tsconfig.json', 'tsconfig.cjs.json']) {
  execFileSync(process.execPath, [tsc, '-p', project], { cwd: root, stdio: 'inherit' });
}

// `imports` is looked up in the nearest package.json, and may not leave its folder: hence the second root file.
writeFileSync(
  `${root}/dist/cjs/package.json`,
  `${JSON.stringify({ type: 'commonjs', imports: { '#package-root': './package-root.cjs' } }, null, 2)}\n`,
);
writeFileSync(
  `${root}/dist/cjs/package-root.cjs`,
  `'use strict';\nexports.packageRoot = require('../../package-root.cjs').packageRoot;\n`,
);
chmodSync(`${root}/dist/esm/node/cli.js`, 0o755);
