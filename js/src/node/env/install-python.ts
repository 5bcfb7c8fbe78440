/** How a Python is installed here: one command for each kind of machine, to be pasted. */
import { readFileSync } from 'node:fs';

const OS_RELEASE = '/etc/os-release';
/** Works without rights and on any Linux or macOS; uv puts `python3.12` on PATH. */
const ANYWHERE =
  'curl -LsSf https://astral.sh/uv/install.sh | sh && ~/.local/bin/uv python install 3.12';
/** Family, as `ID` or `ID_LIKE` of os-release has it, and its package manager's command. */
const FAMILIES: ReadonlyArray<readonly [RegExp, string]> = [
  [/\b(debian|ubuntu)\b/, 'apt install python3'],
  [/\balpine\b/, 'apk add python3'],
  [/\b(fedora|rhel|centos|amzn)\b/, 'dnf install python3.12'],
  [/\barch\b/, 'pacman -S python'],
  [/\bsuse\b/, 'zypper install python312'],
];

/** The machine, as far as the advice depends on it. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  /** What `/etc/os-release` says, empty where there is none. */
  readonly osRelease: string;
  readonly isRoot: boolean;
}

/**
 * Return the commands that install a Python Synapse can use, best first.
 *
 * @param isTooOld there is one that is too old: an old system has the very same in its packages
 */
export function pythonInstallation(
  isTooOld: boolean,
  machine: Machine = thisMachine(),
): readonly string[] {
  const { platform, osRelease, isRoot } = machine;
  if (platform === 'win32') return ['winget install Python.Python.3.12'];
  if (platform === 'darwin') return ['brew install python@3.12', ANYWHERE];
  const family = [...osRelease.matchAll(/^(?:ID|ID_LIKE)="?([^"\n]*)"?$/gm)]
    .map(([, value]) => value)
    .join(' ');
  const command = FAMILIES.find(([pattern]) => pattern.test(family))?.[1];
  if (command === undefined) return [ANYWHERE];
  const packaged = isRoot ? command : `sudo ${command}`;
  return isTooOld ? [ANYWHERE, packaged] : [packaged, ANYWHERE];
}

function thisMachine(): Machine {
  let osRelease = '';
  try {
    osRelease = readFileSync(OS_RELEASE, 'utf8');
  } catch {
    // Not a Linux, or one that does not say.
  }
  return { platform: process.platform, osRelease, isRoot: process.getuid?.() === 0 };
}
