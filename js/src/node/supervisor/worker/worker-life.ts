/**
 * The life of one worker: its process and connection, and the states it goes through from start to
 * end. Which calls it has is the worker's business.
 */
import { ClosedError } from '../../../core/errors.js';
import { SynapseError } from '../../../core/protocol/errors.js';
import type { WorkerExitReason, WorkerState } from '../../../core/worker-status.js';
import type { ObservedWorker } from '../../observe/observer.js';
import { loadClock } from '../../transport/moment.js';
import type { Connection } from '../connection/connection.js';
import { type LogRecord, logRecordFromWire } from '../connection/log-record.js';
import type { ProcessExit, ProcessHandle } from '../process/process-handle.js';
import { describeExcess, Health } from './health.js';
import { residentBytes } from './memory-watch.js';
import { type Obituary, startError } from './settlement.js';
import { raceStart } from './start-race.js';
import { isViolation, WorkerEnd } from './worker-end.js';
import { WorkerLink } from './worker-link.js';
import type { WorkerOptions } from './worker-options.js';

/** Who leads the life: the worker, as observers know it. */
export interface Liver<C extends Connection> extends ObservedWorker {
  /** When the oldest of its calls began, as `performance.now()` has it; undefined when it has none. */
  readonly busySince: number | undefined;
  /** Calls it has ended. */
  readonly answers: number;
  /** It can take calls on this connection. */
  ready(connection: C): void;
  /** The connection has room again, or the interpreter answers again. */
  recovered(): void;
  /** It takes no new calls from now on. */
  leaving(): void;
  /** Its process has ended, and so have its answers. */
  ended(exit: ProcessExit): void;
}

/** How long the error of a call waits for what Python was at. */
const STACK_LIMIT_MS = 250;
/** A worker that failed to start is not waited for politely. */
const BOOT_LADDER = { askedMs: 0, termMs: 500 } as const;
const STOPPED_EARLY = 'The worker was stopped while it was starting.';

export class WorkerLife<C extends Connection> {
  readonly startedAt = Date.now();
  readonly exited: Promise<ProcessExit>;
  readonly end: WorkerEnd;
  readonly link: WorkerLink<C>;
  readonly #options: WorkerOptions<C>;
  readonly #liver: Liver<C>;
  readonly #process: ProcessHandle;
  #health: Health | undefined;
  #connection: C | undefined;
  #state: WorkerState = 'starting';

  constructor(options: WorkerOptions<C>, liver: Liver<C>) {
    this.#options = options;
    this.#liver = liver;
    this.#process = options.source.start((source, message) =>
      this.#log(source, source === 'stderr' ? 'WARNING' : 'INFO', message),
    );
    // Once the process is on its way: an interpreter takes longer to start than these take, one of which reads files.
    loadClock();
    this.end = new WorkerEnd();
    this.link = new WorkerLink(this.#process, options.dialect, options.channel, {
      onDrain: () => this.#liver.recovered(),
      onClosed: (reason) => this.#connectionClosed(reason),
      onLog: (record, origin) => this.#said(logRecordFromWire(record, this.pid, origin)),
      onWarning: (message) => {
        this.link.report.warning = message;
        this.#log('runtime', 'WARNING', message);
      },
      onDraining: () => this.retire(),
      onAlive: () => this.#health?.heard(),
    });
    this.exited = this.#process.exited.then(async (ended) => {
      await this.link.readToEnd();
      // What calls printed to stderr came the same way as their answers.
      const exit = { ...ended, stderrTail: this.#process.stderrTail };
      this.#finish(exit);
      return exit;
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get state(): WorkerState {
    return this.#state;
  }

  get isUnresponsive(): boolean {
    return this.#health?.isUnresponsive === true;
  }

  /** Its resident memory at the last reading, where that is watched. */
  get memoryBytes(): number | undefined {
    return this.#health?.memoryBytes;
  }

  /** Once it has taken calls. */
  get connection(): C | undefined {
    return this.#connection;
  }

  /** What is known of how it ended. */
  get obituary(): Obituary {
    const { name, dialect } = this.#options;
    return { name, dialect, report: this.link.report, ...this.end.facts };
  }

  /**
   * Resolves when it takes calls.
   *
   * @throws {ModuleStartError} and the process has ended
   * @throws {SynapseError} `INVALID_CONFIG`, likewise: what was asked of the module does not fit it
   */
  async boot(): Promise<void> {
    try {
      const connection = await raceStart({
        opened: this.link.open(),
        exited: this.#process.exited,
        limitMs: this.#options.startTimeoutMs,
        onTooLate: () => this.end.condemn('start-failed'),
      });
      if (this.#state !== 'starting') throw new ClosedError(STOPPED_EARLY);
      this.#checkMemory();
      this.#options.checkOffer?.(connection);
      this.#ready(connection);
    } catch (error) {
      if (this.#state === 'stopping') throw new ClosedError(STOPPED_EARLY, error);
      await this.stop(BOOT_LADDER.askedMs, BOOT_LADDER.termMs, 'start-failed');
      await this.exited;
      if (SynapseError.is(error) && error.code === 'INVALID_CONFIG') throw error;
      throw startError(this.obituary, error);
    }
  }

  /** It has given a sign of life. */
  heard(): void {
    this.#health?.heard();
  }

  /** What its threads are at; the signal that asks is sent before this returns. */
  readStack(): Promise<string | undefined> {
    return this.#process.readStack(STACK_LIMIT_MS);
  }

  /** Takes no new calls from now on; it is ended for `reason`, or by itself where there is none. */
  retire(reason?: WorkerExitReason): void {
    if (reason !== undefined) this.end.ask(reason);
    if (this.#state !== 'ready') return;
    this.#setState('draining', reason);
    this.#liver.leaving();
  }

  /** Ends it: asks, then SIGTERM after `askedMs`, then SIGKILL `termMs` later. */
  stop(askedMs: number, termMs: number, reason: WorkerExitReason): Promise<ProcessExit> {
    this.end.ask(reason);
    if (this.#state !== 'exited' && this.#state !== 'stopping') {
      const wasReady = this.#state === 'ready';
      this.#setState('stopping', reason);
      if (wasReady) this.#liver.leaving();
    }
    // One that is still starting hears no asking, and has nothing to finish.
    const patienceMs = this.#connection === undefined ? 0 : askedMs;
    if (patienceMs > 0) this.#connection?.drain();
    // A process that is not there yet is killed when it comes.
    this.end.insist(patienceMs, this.pid === undefined ? 0 : termMs);
    return this.#process.end(patienceMs, termMs);
  }

  /** Kills it and its children now. */
  kill(reason: WorkerExitReason, explanation?: string): void {
    this.end.condemn(reason, explanation);
    void this.stop(0, 0, reason);
    this.#process.kill();
  }

  /** One that has used up its memory with its start would be replaced for ever. */
  #checkMemory(): void {
    const limitBytes = this.#options.limits?.memoryBytes;
    const bytes = limitBytes === undefined ? undefined : residentBytes(this.pid ?? 0);
    if (limitBytes === undefined || bytes === undefined || bytes <= limitBytes) return;
    this.end.condemn('memory-limit');
    throw new Error(`${describeExcess(bytes, limitBytes)} when it was to take its first call`);
  }

  #ready(connection: C): void {
    const { watchdog, limits, readsMemory, graceMs, dialect } = this.#options;
    this.#connection = connection;
    this.#liver.ready(connection);
    this.#setState('ready');
    // What cannot be interrupted cannot be asked either.
    const watched = dialect.cancellable ? watchdog : undefined;
    const memoryLimitBytes = limits?.memoryBytes;
    if (watched === undefined && memoryLimitBytes === undefined && readsMemory !== true) return;
    this.#health = new Health(
      {
        pid: this.pid ?? 0,
        worker: this.#liver,
        probe: () => this.link.probe(),
        unresponsive: (sinceMs) => this.#unresponsive(sinceMs),
        responsive: () => this.#responsive(),
        retire: (reason) => this.retire(reason),
        kill: (reason, explanation) => this.kill(reason, explanation),
      },
      { watchdog: watched, memoryLimitBytes, readsMemory, graceMs },
    );
  }

  #unresponsive(sinceMs: number): void {
    const { observer } = this.#options;
    observer?.onWorkerState(this.#liver, 'unresponsive', this.#state);
    void this.readStack().then((stack) => observer?.onUnresponsive(this.#liver, sinceMs, stack));
  }

  #responsive(): void {
    this.#options.observer?.onWorkerState(this.#liver, this.#state, 'unresponsive');
    this.#liver.recovered();
  }

  #connectionClosed(reason: SynapseError): void {
    if (this.#state !== 'ready' && this.#state !== 'draining') return;
    this.end.closedBy = reason;
    // The process usually ends with its channel; one that goes on without is of no use.
    const { graceMs } = this.#options;
    void this.stop(isViolation(reason) ? 0 : graceMs, graceMs, 'exited');
  }

  #finish(exit: ProcessExit): void {
    this.#health?.stop();
    this.link.close(new ClosedError('The worker has ended.'));
    this.end.conclude(exit, this.#connection !== undefined, this.link.report.crash);
    this.#setState('exited', this.end.reason);
    this.#liver.ended(exit);
  }

  #setState(state: WorkerState, reason?: string): void {
    const previous = this.#state;
    this.#state = state;
    this.#options.observer?.onWorkerState(this.#liver, state, previous, reason);
  }

  #said(record: LogRecord): void {
    if (record.source === 'stderr') this.#process.noteStderr(record.message);
    this.#options.onLog(record);
  }

  #log(source: LogRecord['source'], level: string, message: string): void {
    this.#options.onLog({ source, level, message, pid: this.pid });
  }
}
