// Builds dist/: one source, compiled twice (ES modules and CommonJS). Run by `npm run build`.
// The new dist/ takes the place of the old one when it is whole; a failed build changes nothing.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));

const dist = join(root, 'dist');
const fresh = join(root, `dist.${process.pid}.new`);
const stale = join(root, `dist.${process.pid}.old`);
process.on('exit', () => {
  for (const folder of [fresh, stale]) rmSync(folder, { recursive: true, force: true });
});

for (const [project, build] of [
  ['tsconfig.json', 'esm'],
  ['tsconfig.cjs.json', 'cjs'],
]) {
  const { status } = spawnSync(
    process.execPath,
    [tsc, '-p', project, '--outDir', join(fresh, build)],
    { cwd: root, stdio: 'inherit' },
  );
  if (status !== 0) process.exit(1);
}

// `#package-root` is looked up in the nearest package.json, which is the next one here: name the file itself.
const cjs = join(fresh, 'cjs');
writeFileSync(join(cjs, 'package.json'), '{ "type": "commonjs" }\n');
for (const name of readdirSync(cjs, { recursive: true }).filter((name) => name.endsWith('.js'))) {
  const file = join(cjs, name);
  const code = readFileSync(file, 'utf8');
  if (!code.includes('"#package-root"')) continue;
  const target = relative(dirname(file), join(root, 'package-root.cjs')).replaceAll('\\', '/');
  writeFileSync(file, code.replaceAll('"#package-root"', `"${target}"`));
}
chmodSync(join(fresh, 'esm', 'node', 'cli.js'), 0o755);

if (existsSync(dist)) renameSync(dist, stale);
renameSync(fresh, dist);
