/** The sentences that say how a worker ended, for errors: what, how, and its own last words. */
import type { ErrorMap, SynapseError } from '../../../core/protocol/errors.js';
import type { WorkerExitReason } from '../../../core/worker-status.js';
import { asTyped } from '../../own-command.js';
import type { ProcessExit } from '../process/process-handle.js';
import type { EndOfWorker } from './worker-end.js';
import type { WorkerReport } from './worker-link.js';

/** stderr lines quoted in a message; `stderrTail` of the error has more. */
const QUOTED_LINES = 20;

/** Why a call failed with its worker. */
export function describeExit(
  { name, exit, reason, explanation, closedBy }: EndOfWorker & { readonly name: string },
  call: string,
  maybeExecuted: boolean,
  crash: unknown,
): string {
  const what = explanation ?? EXPLANATIONS[reason];
  const how = what === undefined ? howItEnded(exit) : `${howItEnded(exit)}: ${what}`;
  const told = maybeExecuted
    ? `The worker of "${name}" ended (${how}) before it had answered. ${call} may have run.`
    : `The worker of "${name}" ended (${how}). ${call} had not begun there.`;
  const why = closedBy === undefined || crash !== undefined ? '' : `\n${whyClosed(closedBy)}`;
  return `${told}${why}${lastWords(exit, crash)}`;
}

/** What exit code and signal do not say. */
const EXPLANATIONS: Partial<Record<WorkerExitReason, string>> = {
  'out-of-memory': 'the kernel was out of memory and chose it',
  'cpu-limit': 'it had used up its processor time (limits.cpuSeconds)',
  cancelled: 'another call in it was given up and did not stop',
  unresponsive: 'its interpreter did not answer any more',
  protocol: 'it sent what no worker sends, or something else wrote into its channel',
};

/** Why its connection ended; the advice that goes with a frame is for who sends one. */
function whyClosed({ code, message, details }: SynapseError): string {
  const { size, limit } = (details ?? {}) as { readonly size?: unknown; readonly limit?: unknown };
  if (code !== 'FRAME_TOO_LARGE' || size === undefined) return message;
  return `A frame of ${size} bytes was announced; the limit is ${limit} bytes.`;
}

/** Why a worker could not start. */
export function describeStartFailure(
  name: string,
  exit: ProcessExit,
  { crash, warning }: WorkerReport,
  error: unknown,
): string {
  if (exit.spawnError !== undefined) {
    return `The worker of "${name}" could not be started: ${exit.spawnError.message}`;
  }
  const what = `The Python module "${name}" could not start`;
  const crashMessage = textField(crash, 'message');
  if (crashMessage !== undefined) {
    return `${what}: ${crashMessage}${lastWords(exit, crash)}${advice(crash)}`;
  }
  const reason = warning ?? (error instanceof Error ? error.message : String(error));
  return `${what}: ${reason} (${howItEnded(exit)})${lastWords(exit, crash)}`;
}

function howItEnded({ exitCode, signal }: ProcessExit): string {
  if (signal !== null) return `killed by ${signal}`;
  // Its parent, which could have told, had died before it.
  return exitCode === null ? 'nobody saw how' : `exit code ${exitCode}`;
}

function lastWords(exit: ProcessExit, crash: unknown): string {
  const traceback = textField(crash, 'traceback');
  if (traceback !== undefined && traceback !== '') return `\n\n${traceback.trimEnd()}`;
  if (exit.stderrTail === '') return '';
  return `\n\nLast lines of its stderr:\n${exit.stderrTail.split('\n').slice(-QUOTED_LINES).join('\n')}`;
}

function advice(crash: unknown): string {
  const hint = textField((crash as ErrorMap).details, 'hint');
  return hint === undefined ? '' : `\n\nWhat to do: ${asTyped(hint)}`;
}

function textField(map: unknown, field: string): string | undefined {
  const value = (map as Record<string, unknown> | null | undefined)?.[field];
  return typeof value === 'string' ? value : undefined;
}
