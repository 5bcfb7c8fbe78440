// Builds dist/. Run by `npm run build`. The sources are bundled, so that an import reads a few files and
// not each of hundreds: one bundle for each entry point, and chunks for what several of them use, so that a class
// is one class wherever it is imported from. Once as ES modules, and once more as CommonJS made of these. The
// declarations stay as they are, one a source.
// The new dist/ takes the place of the old one when it is whole; a failed build changes nothing.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';

/** What is imported from outside, or run by name. */
const ENTRIES = [
  'index.ts',
  'core/schema/plans.ts',
  'testing/index.ts',
  'node/cli.ts',
  'node/register/register.ts',
  'node/register/asynchronous-hooks.ts',
  'node/register/emit-command.ts',
];
/** CommonJS beside dist/, in the sources and in both builds the same files. */
const OUTSIDE = { '#package-root': 'package-root.cjs', '#rxjs': 'rxjs.cjs' };
const SYNTAX = { target: 'es2022', platform: 'node' };

const root = fileURLToPath(new URL('..', import.meta.url));
const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));

const dist = join(root, 'dist');
const fresh = join(root, `dist.${process.pid}.new`);
const stale = join(root, `dist.${process.pid}.old`);
process.on('exit', () => {
  for (const folder of [fresh, stale]) rmSync(folder, { recursive: true, force: true });
});

declare();
for (const { name, code } of await bundle()) {
  write(join('esm', name), code);
  write(join('cjs', name), await asCommonJs(join('cjs', name), code));
}
write('cjs/package.json', '{ "type": "commonjs" }\n');
chmodSync(join(fresh, 'esm', 'node', 'cli.js'), 0o755);

if (existsSync(dist)) renameSync(dist, stale);
renameSync(fresh, dist);

/** Checks the types and writes what they are, which is the same for both builds. */
function declare() {
  const options = ['-p', 'tsconfig.json', '--emitDeclarationOnly', '--outDir', join(fresh, 'esm')];
  const { status } = spawnSync(process.execPath, [tsc, ...options], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(1);
  cpSync(join(fresh, 'esm'), join(fresh, 'cjs'), { recursive: true });
}

/** The entry points and their chunks, as ES modules. */
async function bundle() {
  const { outputFiles } = await build({
    ...SYNTAX,
    absWorkingDir: root,
    entryPoints: ENTRIES.map((entry) => `src/${entry}`),
    ...{ outbase: 'src', outdir: fresh, chunkNames: 'chunks/[hash]', write: false },
    ...{ bundle: true, splitting: true, format: 'esm', packages: 'external' },
    external: Object.keys(OUTSIDE),
  });
  return outputFiles.map(({ path, text }) => ({
    name: relative(fresh, path),
    code: withClassNames(text),
  }));
}

/** Gives classes that name themselves their names back: esbuild writes `var Name = class _Name`, or `Name2`. */
function withClassNames(code) {
  return [...code.matchAll(/^var (\w+) = class (_\1|\1\d+)\b/gm)].reduce(
    (text, [, name, other]) => text.replaceAll(new RegExp(`\\b${other}\\b`, 'g'), name),
    code,
  );
}

/** The same as CommonJS, with its own way to what lies outside: there is another package.json between. */
async function asCommonJs(file, code) {
  const made = await transform(code, { ...SYNTAX, format: 'cjs', banner: "'use strict';" });
  return Object.entries(OUTSIDE).reduce((text, [name, target]) => {
    const path = relative(dirname(join(fresh, file)), join(root, target)).replaceAll('\\', '/');
    return text.replaceAll(`"${name}"`, `"${path}"`);
  }, withClassNames(made.code));
}

function write(name, text) {
  const path = join(fresh, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
