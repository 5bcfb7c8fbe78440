// What a run was measured on and with: a figure without these means nothing.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../paths.mjs';

const PYTHON_PACKAGES = [
  'msgpack',
  'msgspec',
  'numpy',
  'fastapi',
  'uvicorn',
  'uvloop',
  'httptools',
];
const PYTHON_FACTS = `
import importlib.metadata, json, platform, sys
versions = {}
for name in sys.argv[1:]:
    try:
        versions[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        pass
print(json.dumps({"version": platform.python_version(), "packages": versions}))
`;
const require = createRequire(import.meta.url);
const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** Whether processes can be pinned to a core here. */
export function canPin() {
  try {
    execFileSync('taskset', ['-c', '0', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The version of an interpreter, and those of its packages that matter here. */
export function pythonFacts(python) {
  const facts = execFileSync(python, ['-c', PYTHON_FACTS, ...PYTHON_PACKAGES], {
    encoding: 'utf8',
  });
  return JSON.parse(facts);
}

function npmVersions() {
  const versions = {};
  for (const name of Object.keys(require('../package.json').dependencies)) {
    const file = join(ROOT, 'benchmarks', 'node_modules', name, 'package.json');
    if (existsSync(file)) versions[name] = readJson(file).version;
  }
  return versions;
}

function commit() {
  try {
    const git = (...args) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
    const changed = git(
      'status',
      '--porcelain',
      '--untracked-files=no',
      '--',
      'js/src',
      'python_side',
    );
    return `${git('rev-parse', '--short=10', 'HEAD')}${changed === '' ? '' : ', with changes'}`;
  } catch {
    return 'not a checkout';
  }
}

/** Everything that a reader has to know to believe or to repeat the figures. */
export function observe({ python, pinned, mode, command }) {
  return {
    command,
    mode,
    commit: commit(),
    synapse: readJson(join(ROOT, 'js/package.json')).version,
    node: process.versions.node,
    python: pythonFacts(python),
    npm: npmVersions(),
    system: `Linux ${release()}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown processor',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 1e9),
    pinned,
    began: new Date().toISOString(),
  };
}
