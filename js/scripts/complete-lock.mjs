// Completes package-lock.json after `npm install --package-lock-only`: packages for other platforms that the
// registry at hand does not serve are missing from what npm wrote, and `npm ci` refuses such a lock. They are
// pinned by the exact version their parent asks for; a registry that has them adds the hash. Run by `make lock`,
// for this lock and for those it is given the path of.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = process.argv[2] ?? fileURLToPath(new URL('../package-lock.json', import.meta.url));
const lock = JSON.parse(readFileSync(path, 'utf8'));

const SYSTEMS = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const PROCESSORS = [
  'arm',
  'arm64',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'riscv64',
  's390x',
  'x64',
];

/** What `os`, `cpu` and `libc` a platform package is for, told by its name; undefined for other packages. */
function platformOf(name) {
  const words = name.split('/').at(-1).split('-');
  const os = words.filter((word) => SYSTEMS.includes(word));
  const cpu = words.filter((word) => PROCESSORS.includes(word));
  const libc = words.includes('musl') ? { libc: ['musl'] } : {};
  return os.length === 1 && cpu.length === 1 ? { cpu, os, ...libc } : undefined;
}

const added = [];
for (const parent of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`;
    const platform = platformOf(name);
    if (key in lock.packages || platform === undefined || !/^\d+\.\d+\.\d+$/.test(version))
      continue;
    const dev = parent.dev ? { dev: true } : {};
    lock.packages[key] = { version, ...dev, optional: true, ...platform };
    added.push(name);
  }
}

const [root, ...others] = Object.entries(lock.packages);
others.sort(([a], [b]) => (a < b ? -1 : 1));
lock.packages = Object.fromEntries([root, ...others]);
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${path}: ${added.length} packages of other platforms added`);
