/**
 * Where a Python that can start the environment builder may be, in the order in which it is tried.
 * Kept simpler than the builder's own search (`synapse_worker/env/discovery`), which decides what a
 * module gets. Nothing is started here.
 */
import { constants } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';

/** Something that may be a Python. */
export interface Place {
  /** To be started. */
  readonly path: string;
  /** What a launcher has to be told (`py -3`). */
  readonly args: readonly string[];
  /** As the builder names it in its own tables. */
  readonly origin: string;
}

/** The machine that is searched; Windows and macOS are tested on fakes. */
export interface Machine {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  /** Where the folders of the system begin. */
  readonly root: string;
}

/** A version as the builder takes it; on `PATH` only its first two numbers are part of a name. */
const VERSION = /^(?:python)?(\d+(?:\.\d+)?)(?:\.\d+)?$/;
/** Requests that only the builder understands: ranges, and environments by what they are. */
const FOR_BUILDER = /^(?:[<>=!^]|~[=\d]|\d|active$|conda(?::|$))/;
const HOME = /^~[\\/]/;
export const OLDEST_MINOR = 10;
const NEWEST_MINOR = 14;

/** What `python3` is on this machine comes first: it is what its user expects to run. */
const NAMES = [
  'python3',
  'python',
  ...Array.from(
    { length: NEWEST_MINOR - OLDEST_MINOR + 1 },
    (_, i) => `python3.${NEWEST_MINOR - i}`,
  ),
];

/** Whether `text` names a place (a command or a path) and is no version or range. */
export function isPlace(text: string): boolean {
  return !VERSION.test(text) && !FOR_BUILDER.test(text);
}

/** What `$SYNAPSE_PYTHON` asks for; read without the blanks around it, as the builder does. */
export function chosenPython(env: NodeJS.ProcessEnv): string | undefined {
  return env.SYNAPSE_PYTHON?.trim() || undefined;
}

/** The place that `$SYNAPSE_PYTHON` names: besides it none is looked at. */
export function chosenPlace(env: NodeJS.ProcessEnv): string | undefined {
  const chosen = chosenPython(env);
  return chosen !== undefined && isPlace(chosen) ? chosen : undefined;
}

/** Yields what to try: what was asked for, `$SYNAPSE_PYTHON`, and unless that is a place, all there is. */
export async function* placesOf(
  request: string | undefined,
  machine: Machine,
): AsyncGenerator<Place> {
  const chosen = chosenPython(machine.env);
  if (request) yield* named(request.trim(), 'request', machine);
  if (chosen) yield* named(chosen, '$SYNAPSE_PYTHON', machine);
  if (chosenPlace(machine.env)) return;
  for (const name of NAMES) {
    for (const path of await locate(name, machine)) yield { path, args: [], origin: 'PATH' };
  }
  yield* installed(machine);
  if (machine.platform === 'win32') {
    for (const path of await locate('py', machine)) yield { path, args: ['-3'], origin: 'py' };
  }
}

/** What a request such as `3.12`, `python3.12` or a path names; a range names nothing. */
async function* named(request: string, origin: string, machine: Machine): AsyncGenerator<Place> {
  const version = VERSION.exec(request)?.[1];
  if (version === undefined && !isPlace(request)) return;
  const name = version === undefined ? request : `python${version}`;
  const found = await locate(name, machine);
  for (const path of found) yield { path, args: [], origin };
  if (found.length === 0) yield { path: name, args: [], origin };
}

/** What pyenv, uv and the installers of macOS put where `PATH` need not lead. */
async function* installed(machine: Machine): AsyncGenerator<Place> {
  const { env, platform, root } = machine;
  const home = env.HOME;
  if (!home) return;
  const data = env.XDG_DATA_HOME || join(home, '.local', 'share');
  const folders: (readonly [origin: string, folder: string])[] = [
    ['pyenv', join(env.PYENV_ROOT || join(home, '.pyenv'), 'versions')],
    ['uv', env.UV_PYTHON_INSTALL_DIR || join(data, 'uv', 'python')],
  ];
  if (platform === 'darwin') {
    folders.push(['python.org', join(root, 'Library/Frameworks/Python.framework/Versions')]);
  }
  for (const [origin, folder] of folders) {
    for (const name of await newestFirst(folder)) {
      const path = join(folder, name, 'bin', 'python3');
      if (await canRun(path)) yield { path, args: [], origin };
    }
  }
  if (platform !== 'darwin') return;
  for (const folder of ['opt/homebrew/bin', 'usr/local/bin']) {
    const path = join(root, folder, 'python3');
    if (await canRun(path)) yield { path, args: [], origin: 'Homebrew' };
  }
}

/** Every executable of this name, in the order of `PATH`; a path stands for itself, or for what is in it. */
async function locate(name: string, machine: Machine): Promise<string[]> {
  const { env, platform } = machine;
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const suffix = platform === 'win32' && !name.endsWith('.exe') ? '.exe' : '';
  const candidates =
    /[\\/]/.test(name) || isAbsolute(name)
      ? [await inside(HOME.test(name) ? join(homeOf(env), name.slice(2)) : resolve(name), platform)]
      : folders.map((folder) => join(folder, name + suffix));
  const checks = candidates.map(
    async (path) => (await canRun(path)) && !(await isStandIn(path, machine)),
  );
  const good = await Promise.all(checks);
  return candidates.filter((_, index) => good[index]);
}

/** The Python of a folder: of a virtual environment, or of an installation (pyenv's, conda's). */
async function inside(path: string, platform: NodeJS.Platform): Promise<string> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) return path;
  if (platform !== 'win32') return join(path, 'bin', 'python');
  const ofVenv = join(path, 'Scripts', 'python.exe');
  return (await exists(ofVenv)) ? ofVenv : join(path, 'python.exe');
}

/** Whether this is Apple's stand-in for a Python, which opens a dialogue instead of running. */
async function isStandIn(path: string, { platform, root }: Machine): Promise<boolean> {
  if (platform !== 'darwin' || dirname(path) !== join(root, 'usr/bin')) return false;
  const tools = ['Library/Developer/CommandLineTools/usr/bin', 'Applications/Xcode.app'];
  const found = await Promise.all(tools.map((folder) => exists(join(root, folder))));
  return !found.includes(true);
}

async function newestFirst(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  } catch {
    return [];
  }
}

function homeOf(env: NodeJS.ProcessEnv): string {
  return env.HOME || homedir();
}

const canRun = (path: string): Promise<boolean> => exists(path, constants.X_OK);

function exists(path: string, mode = constants.F_OK): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
