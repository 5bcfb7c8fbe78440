import { expect, test } from '@jest/globals';
import { installationHint, pythonInstallation } from '../../../src/node/env/install-python.js';

const ANYWHERE =
  'curl -LsSf https://astral.sh/uv/install.sh | sh && ~/.local/bin/uv python install 3.12';

test.each([
  ['ID=debian\nVERSION_ID="12"\n', 'apt install python3'],
  ['NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n', 'apt install python3'],
  ['ID=alpine\n', 'apk add python3'],
  ['ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'dnf install python3.12'],
  ['ID=arch\n', 'pacman -S python'],
  ['ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', 'zypper install python312'],
])('a Linux is told its own package manager: %j', (osRelease, command) => {
  const machine = { platform: 'linux', osRelease } as const;
  expect(pythonInstallation(false, { ...machine, isRoot: false })).toEqual([
    `sudo ${command}`,
    ANYWHERE,
  ]);
  expect(pythonInstallation(false, { ...machine, isRoot: true })).toEqual([command, ANYWHERE]);
});

test('a system whose Python is too old is told what works anywhere first', () => {
  const machine = { platform: 'linux', osRelease: 'ID=debian\nVERSION_ID="11"\n' } as const;
  expect(pythonInstallation(true, { ...machine, isRoot: true })).toEqual([
    ANYWHERE,
    'apt install python3',
  ]);
});

test('an unknown Linux is told what works anywhere', () => {
  const machine = { platform: 'linux', osRelease: 'ID=nixos\n', isRoot: false } as const;
  expect(pythonInstallation(false, machine)).toEqual([ANYWHERE]);
});

test('macOS and Windows are told theirs', () => {
  const machine = { osRelease: '', isRoot: false };
  expect(pythonInstallation(false, { ...machine, platform: 'darwin' })).toEqual([
    'brew install python@3.12',
    ANYWHERE,
  ]);
  expect(pythonInstallation(false, { ...machine, platform: 'win32' })).toEqual([
    'winget install Python.Python.3.12',
  ]);
});

test('the hint of an error names the packages of every system, unless those are too old', () => {
  expect(installationHint(false)).toBe(
    'Install Python 3.10 or newer (Debian and Ubuntu: apt install python3; macOS: brew install python@3.12; ' +
      'Windows: winget install Python.Python.3.12; anywhere: uv python install 3.12), ' +
      'or set SYNAPSE_PYTHON to the path of one.',
  );
  expect(installationHint(true)).toBe(
    'Install Python 3.10 or newer beside it (anywhere: uv python install 3.12), ' +
      'or set SYNAPSE_PYTHON to the path of one.',
  );
});
