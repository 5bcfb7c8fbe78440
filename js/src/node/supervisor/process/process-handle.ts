/**
 * One process of ours as the supervisor sees it, however it came to be: what it says, what it is
 * told, how it ends. Processes come from a `ProcessSource`.
 */
import type { Duplex, Readable, Writable } from 'node:stream';
import type { OpenPipes } from '../../transport/pipes.js';
import type { CallLedger } from '../connection/call-ledger.js';

export interface ProcessExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stderrTail: string;
  /** Set when there never was a process. */
  readonly spawnError?: Error;
  /** What another process, which should have forked this one, said of its own end: an error map. */
  readonly crash?: unknown;
}

export type OutputName = 'stdout' | 'stderr';

/** Gets a captured line, newline kept. */
export type OnLine = (output: OutputName, line: string) => void;

/** The ways to talk to a process. */
export interface ProcessChannels {
  readonly control: { readonly input: Readable; readonly output: Writable };
  /** Pipes that are open already; else they are offered on the control channel. */
  readonly pipes?: OpenPipes;
  /** The portable data channel. */
  readonly data?: Duplex;
  /** The data channel of a raw script that insists on its real stdin and stdout. */
  readonly stdio?: { readonly input: Readable; readonly output: Writable };
}

export interface ProcessHandle {
  /** Undefined until there is a process. */
  readonly pid: number | undefined;
  /** The process, its group and its output have ended. Never rejects. */
  readonly exited: Promise<ProcessExit>;
  /** Settles once the process runs; never where there will be none. */
  readonly channels: Promise<ProcessChannels>;
  /** The last lines of its stderr. */
  readonly stderrTail: string;
  /** Adds to those what it said to stderr by another way. */
  noteStderr(line: string): void;
  /** Sends a signal to the process itself, if it is there. */
  signal(signal: NodeJS.Signals): void;
  /** Kills the whole group now. */
  kill(): void;
  /**
   * Waits for a process that has been asked to end, then insists: SIGTERM after `askedMs`,
   * SIGKILL of the group `termMs` later. Resolves as soon as it has gone. A second, more
   * impatient call climbs a ladder of its own.
   */
  end(askedMs: number, termMs: number): Promise<ProcessExit>;
  /** What the process writes down of its calls, once that is open; it can be read after its end as well. */
  readonly ledger: CallLedger | undefined;
  /** Opens what the process writes that down in; tells whether that could be done. */
  openLedger(fd: number): boolean;
  /** Opens the pipe to which the process writes its stacks; tells whether that could be done. */
  openStackDump(fd: number): boolean;
  /** It runs an event loop on the thread that the system knows by this id: its stack is told too. */
  noteLoop(thread: number): void;
  /**
   * What its main thread and its event loop are doing at this moment, told even while C code holds the interpreter.
   * Undefined where that cannot be had in time; never rejects.
   */
  readStack(timeoutMs: number): Promise<string | undefined>;
}
