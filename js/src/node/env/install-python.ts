/** How a Python is installed: one command for each kind of machine, and the sentence of an error's hint. */
import { readFileSync } from 'node:fs';

const OS_RELEASE = '/etc/os-release';
/** What most packages have wheels for; the Python wing names the same (`env/discovery/advice.py`). */
const USUAL = '3.12';
/** Works without rights and on any Linux or macOS; uv puts that version on PATH. */
const ANYWHERE = `curl -LsSf https://astral.sh/uv/install.sh | sh && ~/.local/bin/uv python install ${USUAL}`;
/** Family, as `ID` or `ID_LIKE` of os-release has it, and its package manager's command. */
const FAMILIES: ReadonlyArray<readonly [RegExp, string]> = [
  [/\b(debian|ubuntu)\b/, 'apt install python3'],
  [/\balpine\b/, 'apk add python3'],
  [/\b(fedora|rhel|centos|amzn)\b/, `dnf install python${USUAL}`],
  [/\barch\b/, 'pacman -S python'],
  [/\bsuse\b/, `zypper install python${USUAL.replace('.', '')}`],
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
  if (platform === 'win32') return [`winget install Python.Python.${USUAL}`];
  if (platform === 'darwin') return [`brew install python@${USUAL}`, ANYWHERE];
  const family = [...osRelease.matchAll(/^(?:ID|ID_LIKE)="?([^"\n]*)"?$/gm)]
    .map(([, value]) => value)
    .join(' ');
  const command = FAMILIES.find(([pattern]) => pattern.test(family))?.[1];
  if (command === undefined) return [ANYWHERE];
  const packaged = isRoot ? command : `sudo ${command}`;
  return isTooOld ? [ANYWHERE, packaged] : [packaged, ANYWHERE];
}

/**
 * Return what to do where no Python can be started, whatever the machine.
 *
 * @param isTooOld there is one that is too old: the packages of an old system hold the very same
 */
export function installationHint(isTooOld: boolean): string {
  const anywhere = `anywhere: uv python install ${USUAL}`;
  const how = isTooOld
    ? `beside it (${anywhere})`
    : `(Debian and Ubuntu: apt install python3; macOS: brew install python@${USUAL}; ` +
      `Windows: winget install Python.Python.${USUAL}; ${anywhere})`;
  return `Install Python 3.10 or newer ${how}, or set SYNAPSE_PYTHON to the path of one.`;
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
