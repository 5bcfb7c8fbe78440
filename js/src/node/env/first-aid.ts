/**
 * `synapse doctor` where the real one, in Python, cannot be started: no Python is there, or our own files
 * cannot be unpacked. What Node alone can check, in the same form (docs/doctor.md), so that a script need
 * not know the difference.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EnvironmentError } from './errors.js';
import { pythonInstallation } from './install-python.js';
import { nodeFacts } from './node-facts.js';
import { chosenPlace } from './python-places.js';
import { readManifest, runtimeFolder } from './runtime.js';

/** One finding, as the Python side has it. */
export interface Finding {
  readonly check: string;
  readonly group: string;
  readonly id: string;
  readonly severity: 'ok' | 'info' | 'warning' | 'error';
  readonly message: string;
  readonly fix: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

/** An examination, as `synapse doctor --json` prints it. */
export interface Examination {
  readonly format: 1;
  readonly ok: boolean;
  readonly counts: Readonly<Record<Finding['severity'], number>>;
  readonly findings: readonly Finding[];
}

const REINSTALL = 'rm -rf node_modules/synapse-worker && npm install';
const WIDTH = 'warning'.length;

/** Examine what can be examined without Python; `problem` is why it cannot be started. */
export async function examineWithoutPython(problem: EnvironmentError): Promise<Examination> {
  const { version, path, packageVersion, packageRoot } = nodeFacts();
  const findings: Finding[] = [
    {
      check: 'node',
      group: 'Machine',
      id: 'node.version',
      severity: 'ok',
      message: `Node ${version} (${path}).`,
      fix: null,
      details: { version, path },
    },
    isWithoutPython(problem) ? withoutPython(problem) : withoutRuntime(problem),
    {
      check: 'wings',
      group: 'Synapse',
      id: 'wings.npm',
      severity: 'ok',
      message: `The npm package is ${packageVersion} (${packageRoot}).`,
      fix: null,
      details: { version: packageVersion, path: packageRoot },
    },
    await examineRuntime(),
  ];
  const count = (severity: Finding['severity']): number =>
    findings.filter((finding) => finding.severity === severity).length;
  return {
    format: 1,
    ok: false,
    counts: {
      ok: count('ok'),
      info: count('info'),
      warning: count('warning'),
      error: count('error'),
    },
    findings,
  };
}

/** Whether an error says that this machine has no Python that we could start. */
export function isWithoutPython({ code }: EnvironmentError): boolean {
  return code === 'PYTHON_NOT_FOUND' || code === 'PYTHON_UNSUPPORTED';
}

function withoutPython({ code, message, lines }: EnvironmentError): Finding {
  return {
    check: 'python',
    group: 'Machine',
    id: 'python.discovery',
    severity: 'error',
    message: firstLine(message),
    fix: chosenPlace(process.env)
      ? 'unset SYNAPSE_PYTHON'
      : pythonInstallation(code === 'PYTHON_UNSUPPORTED').join('    or: '),
    details: { code, lines },
  };
}

function withoutRuntime({ code, message, hint, lines }: EnvironmentError): Finding {
  return {
    check: 'wings',
    group: 'Synapse',
    id: 'wings.unpacking',
    severity: 'error',
    message: firstLine(message),
    fix: hint ?? REINSTALL,
    details: { code, lines },
  };
}

/** Lay an examination out for people, as the Python side does where it prints to no terminal. */
export function examinationText({ findings, counts }: Examination): string {
  const lines: string[] = [];
  let group = '';
  for (const finding of findings) {
    if (finding.group !== group) lines.push(...(group === '' ? [] : ['']), finding.group);
    group = finding.group;
    lines.push(`  ${finding.severity.padEnd(WIDTH)} ${finding.message}`);
    const rows = finding.details.lines;
    if (Array.isArray(rows)) lines.push(...rows.map((row) => `            ${row}`));
    if (finding.fix !== null) lines.push(`          fix: ${finding.fix}`);
  }
  const errors = `${counts.error} error${counts.error === 1 ? '' : 's'}`;
  return [...lines, '', `${errors}. Nothing more can be examined until Python runs.`].join('\n');
}

/** Check the files of the runtime folder against its manifest. */
async function examineRuntime(): Promise<Finding> {
  const folder = runtimeFolder();
  const finding = { check: 'wings', group: 'Synapse', details: { path: folder } };
  try {
    const manifest: unknown = readManifest();
    const files = Object.values(manifest as Record<string, unknown>).filter(isArtifact);
    for (const { file, sha256 } of files) {
      const content = await readFile(join(folder, file));
      if (createHash('sha256').update(content).digest('hex') !== sha256) {
        throw new Error(`"${join(folder, file)}" is not the file its manifest describes`);
      }
    }
  } catch (problem) {
    return {
      ...finding,
      id: 'wings.runtime-damaged',
      severity: 'error',
      message: `The runtime folder is damaged: ${firstLine((problem as Error).message)}`,
      fix: process.env.SYNAPSE_RUNTIME_DIR ? 'unset SYNAPSE_RUNTIME_DIR' : REINSTALL,
    };
  }
  return {
    ...finding,
    id: 'wings.runtime',
    severity: 'ok',
    message: `The runtime folder ${folder} is as it was packed.`,
    fix: null,
  };
}

function isArtifact(entry: unknown): entry is { file: string; sha256: string } {
  const { file, sha256 } = (entry ?? {}) as { file?: unknown; sha256?: unknown };
  return typeof file === 'string' && typeof sha256 === 'string';
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
