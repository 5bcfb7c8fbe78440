/**
 * Hands the npm package's `synapse` command over to the Python command line: same arguments, same
 * terminal, same exit code, and an end by signal stays an end by that signal.
 */
import { spawn } from 'node:child_process';
import { failureToWire } from '../../core/protocol/errors.js';
import { VERSION } from '../../core/version.js';
import { EnvironmentError } from './errors.js';
import { examinationText, examineWithoutPython, isWithoutPython } from './first-aid.js';
import { pythonInstallation } from './install-python.js';
import { findInterpreter, type Interpreter } from './interpreter.js';
import { NODE_FACTS, nodeFacts } from './node-facts.js';
import { chosenPlace } from './python-places.js';
import { commandLine, runtimeFolder, unpackRuntime } from './runtime.js';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** How the Python command line ended. */
export type Ending = { readonly code: number } | { readonly signal: NodeJS.Signals };

/**
 * Run the Python command line with inherited stdio. Where it cannot be started this says why, what was
 * looked at and what to install; `doctor` examines there what Node alone can.
 */
export async function runCommandLine(args: readonly string[]): Promise<Ending> {
  const started = await findStart().catch((error: unknown) => {
    if (error instanceof EnvironmentError) return error;
    throw error;
  });
  if (started instanceof EnvironmentError) return await answerAlone(args, started);
  const { interpreter, unpacked } = started;
  const child = spawn(interpreter.path, commandLine(unpacked, args), {
    stdio: 'inherit',
    env: {
      ...process.env,
      SYNAPSE_RUNTIME_DIR: runtimeFolder(),
      // Killed outright we can pass nothing on: a command that runs until Ctrl-C looks for us.
      SYNAPSE_PARENT_PID: String(process.pid),
      ...(args[0] === 'doctor' ? { [NODE_FACTS]: JSON.stringify(nodeFacts()) } : {}),
    },
  });
  const forward = (signal: NodeJS.Signals): void => {
    // A terminal's ^C reaches the child by itself; it decides, we wait for it.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  try {
    return await new Promise<Ending>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => resolve(signal ? { signal } : { code: code ?? 1 }));
    });
  } finally {
    for (const signal of FORWARDED) process.off(signal, forward);
  }
}

/** Find what the command line is started with. */
async function findStart(): Promise<{ interpreter: Interpreter; unpacked: string }> {
  const interpreter = await findInterpreter();
  return { interpreter, unpacked: await unpackRuntime(interpreter) };
}

/** Answer in the place of the Python command line, which cannot be started. */
async function answerAlone(args: readonly string[], problem: EnvironmentError): Promise<Ending> {
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  const asJson = own.includes('--json');
  if (own[0] === '--version') {
    process.stdout.write(`synapse ${VERSION}\n`);
    return { code: 0 };
  }
  if (own[0] === 'doctor') {
    const found = await examineWithoutPython(problem);
    process.stdout.write(`${asJson ? JSON.stringify(found, null, 2) : examinationText(found)}\n`);
    return { code: 1 };
  }
  if (asJson) {
    const error = { ...failureToWire(problem), details: problem.details };
    process.stdout.write(`${JSON.stringify({ error })}\n`);
  }
  process.stderr.write(`${sentence(problem)}\n`);
  return { code: 1 };
}

/** Say what is missing, what was looked at, and what to do, as the Python side would. */
function sentence(problem: EnvironmentError): string {
  const lines = [
    `synapse: ${problem.message.split('\n', 1)[0]}`,
    ...problem.lines.map((line) => `  | ${line}`),
  ];
  const isInstalled = !isWithoutPython(problem) || chosenPlace(process.env) !== undefined;
  if (isInstalled) return [...lines, `What to do: ${problem.hint ?? ''}`].join('\n');
  return [
    ...lines,
    'This command is written in Python. What to do: install Python 3.10 or newer',
    ...pythonInstallation(problem.code === 'PYTHON_UNSUPPORTED').map((command) => `  ${command}`),
    'or name one that is there: SYNAPSE_PYTHON=/path/to/python3',
  ].join('\n');
}
