/**
 * Processes forked from a zygote; spawned where that cannot be. The zygote starts with the first of
 * them, is replaced when it dies, and ends with the last.
 */
import { accessSync, constants } from 'node:fs';
import type { ZygoteStatus } from '../../../../core/client/stats.js';
import type { LogRecord } from '../../connection/log-record.js';
import type { OnLine, ProcessExit, ProcessHandle } from '../process-handle.js';
import { type ProcessSource, SpawningSource } from '../process-source.js';
import type { SpawnSpec } from '../spawn-spec.js';
import { PendingProcess } from './pending-process.js';
import { SILENCE_LIMIT_MS } from './silence-watch.js';
import { Zygote } from './zygote.js';

/** Zygotes in a row that ended early, without having forked, after which there are no more. */
const MAX_USELESS = 5;
/** One that lived as long did not end of its own weakness. */
const EARLY_MS = 1000;

export interface ZygoteSourceOptions {
  /** What log lines call the module. */
  readonly name: string;
  readonly onLog: (record: LogRecord) => void;
  /** Whether the descriptors of a process can be opened. */
  readonly canOpen?: (pid: number) => boolean;
}

export class ZygoteSource implements ProcessSource {
  readonly #spec: SpawnSpec;
  readonly #options: ZygoteSourceOptions;
  readonly #spawning: SpawningSource;
  /** Processes that wait for the zygote to be ready. */
  readonly #waiting = new Set<PendingProcess>();
  /** Processes that were asked of the zygote and are not wanted any more. */
  readonly #unwanted = new WeakSet<PendingProcess>();
  #zygote: Zygote | undefined;
  #state: ZygoteStatus['state'] = 'starting';
  #reason: string | undefined;
  #startedAt = 0;
  #hasForked = false;
  #useless = 0;
  #closed = false;

  constructor(spec: SpawnSpec, options: ZygoteSourceOptions) {
    this.#spec = spec;
    this.#options = options;
    this.#spawning = new SpawningSource(spec, false);
  }

  get zygote(): ZygoteStatus {
    const pid = this.#zygote?.pid;
    return {
      state: this.#state,
      ...(pid !== undefined && { pid }),
      ...(this.#reason !== undefined && { reason: this.#reason }),
    };
  }

  begin(): void {
    try {
      this.#startZygote();
    } catch {
      // Whoever starts a process tries again, and is told.
    }
  }

  start(onLine: OnLine): ProcessHandle {
    if (this.#state === 'unavailable') return this.#spawning.start(onLine);
    if (this.#zygote === undefined) this.#startZygote();
    const pending = new PendingProcess(onLine, (cancelled) => this.#cancel(cancelled));
    this.#provide(pending);
    return pending;
  }

  close(): Promise<void> {
    this.#closed = true;
    const zygote = this.#zygote;
    if (zygote === undefined) return Promise.resolve();
    zygote.retire();
    return zygote.exited.then((exit) => {
      for (const pending of this.#takeWaiting()) pending.fail(exit);
    });
  }

  #startZygote(): void {
    this.#state = 'starting';
    this.#hasForked = false;
    const onLine: OnLine = (source, message) =>
      this.#log(source, source === 'stderr' ? 'WARNING' : 'INFO', message);
    this.#zygote = new Zygote(this.#spec, onLine, {
      onReady: (zygote) => this.#ready(zygote),
      onUnforkable: (zygote, reason) => this.#unforkable(zygote, reason),
      onEnded: (zygote, exit) => this.#ended(zygote, exit),
    });
    // Once it is on its way: that loads the clock, where nobody has read it before.
    this.#startedAt = performance.now();
  }

  #provide(pending: PendingProcess): void {
    if (this.#state === 'ready') {
      this.#hasForked = true;
      this.#zygote?.fork(pending);
    } else this.#waiting.add(pending);
  }

  #ready(zygote: Zygote): void {
    // One that is being ended may still get that far.
    if (zygote !== this.#zygote) return;
    const { canOpen = canOpenDescriptors } = this.#options;
    if (!canOpen(zygote.pid ?? 0)) {
      zygote.retire();
      this.#giveUp('the descriptors of other processes cannot be opened through /proc');
      return;
    }
    this.#state = 'ready';
    for (const pending of this.#takeWaiting()) this.#provide(pending);
  }

  /** What it has imported is not lost: it becomes the first worker. */
  #unforkable(zygote: Zygote, reason: string): void {
    if (zygote !== this.#zygote) return;
    const [first] = this.#waiting;
    if (first === undefined) void zygote.abort();
    else {
      this.#waiting.delete(first);
      first.become(zygote.adopt(first.onLine));
    }
    this.#giveUp(reason);
  }

  /** Processes are spawned from now on. */
  #giveUp(reason: string): void {
    this.#state = 'unavailable';
    this.#reason = reason;
    this.#zygote = undefined;
    const { name } = this.#options;
    this.#log('runtime', 'INFO', `Workers of "${name}" are not forked from a zygote: ${reason}.`);
    for (const pending of this.#takeWaiting()) {
      try {
        pending.become(this.#spawning.start(pending.onLine));
      } catch (error) {
        const spawnError = error instanceof Error ? error : new Error(String(error));
        pending.fail({ exitCode: null, signal: null, stderrTail: '', spawnError });
      }
    }
  }

  #ended(zygote: Zygote, exit: ProcessExit): void {
    const wasReady = this.#state === 'ready';
    const { pid, workers } = zygote;
    this.#zygote = undefined;
    this.#state = 'starting';
    if (!wasReady) {
      for (const pending of this.#takeWaiting()) pending.fail(exit);
      return;
    }
    const early = performance.now() - this.#startedAt < EARLY_MS;
    this.#useless = early && !this.#hasForked ? this.#useless + 1 : 0;
    for (const pending of zygote.takePending()) {
      if (this.#unwanted.has(pending)) pending.fail(exit);
      else this.#waiting.add(pending);
    }
    const how = howItEnded(zygote, exit);
    const left = workers.length === 0 ? '' : ` Its workers go on (${workers.join(', ')}).`;
    const { name } = this.#options;
    this.#log('runtime', 'WARNING', `The zygote of "${name}" (${pid}) ended: ${how}.${left}`);
    if (this.#useless >= MAX_USELESS) this.#giveUp(`it has ended ${MAX_USELESS} times in a row`);
    else if (!this.#closed) this.#restart();
  }

  /** The next worker should not have to wait. */
  #restart(): void {
    try {
      this.#startZygote();
    } catch (error) {
      this.#giveUp(error instanceof Error ? error.message : String(error));
    }
  }

  /** One that is not there yet is not wanted: nor is a zygote that imports for nobody else. */
  #cancel(pending: PendingProcess): void {
    if (!this.#waiting.delete(pending)) {
      this.#unwanted.add(pending);
      return;
    }
    const zygote = this.#zygote;
    if (this.#waiting.size > 0 || zygote === undefined) {
      pending.fail({ exitCode: null, signal: null, stderrTail: '' });
      return;
    }
    this.#zygote = undefined;
    void zygote.abort().then((exit) => pending.fail(exit));
  }

  #takeWaiting(): PendingProcess[] {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    return waiting;
  }

  #log(source: LogRecord['source'], level: string, message: string): void {
    this.#options.onLog({ source, level, message, pid: this.#zygote?.pid });
  }
}

function howItEnded({ stoodStill }: Zygote, { exitCode, signal }: ProcessExit): string {
  if (stoodStill) return `it answered nothing for ${SILENCE_LIMIT_MS} ms and was killed`;
  return signal === null ? `exit code ${exitCode}` : `killed by ${signal}`;
}

function canOpenDescriptors(pid: number): boolean {
  try {
    accessSync(`/proc/${pid}/fd/0`, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
