/** Watches over one worker that is ready: whether it answers, and how much memory it has. */
import type { WorkerExitReason } from '../../../core/worker-status.js';
import type { WatchdogPolicy } from '../pool-policy.js';
import { systemTime, type Time, type Timer } from '../time.js';
import { MemoryWatch } from './memory-watch.js';
import { Watchdog, type Watched } from './watchdog.js';

export interface HealthPolicy {
  readonly watchdog?: WatchdogPolicy | undefined;
  /** More resident memory than this ends the worker. */
  readonly memoryLimitBytes?: number | undefined;
  /** Whether its memory is read although nothing limits it. */
  readonly readsMemory?: boolean | undefined;
  /** How long a wedged worker that is to be replaced may still come back. */
  readonly graceMs: number;
}

/** The worker, as far as its health goes. */
export interface Patient {
  readonly pid: number;
  /** What it has to do. */
  readonly worker: Pick<Watched, 'busySince' | 'answers'>;
  probe(): void;
  /** It does not answer; there has been no news of it for so long. */
  unresponsive(sinceMs: number): void;
  /** It answers again. */
  responsive(): void;
  retire(reason: WorkerExitReason): void;
  kill(reason: WorkerExitReason, explanation?: string): void;
}

const BYTES_PER_MIB = 2 ** 20;

export class Health implements Watched {
  readonly #patient: Patient;
  readonly #policy: HealthPolicy;
  readonly #time: Time;
  readonly #watchdog: Watchdog | undefined;
  readonly #memory: MemoryWatch | undefined;
  #grace: Timer | undefined;

  constructor(patient: Patient, policy: HealthPolicy, time = systemTime) {
    const { watchdog, memoryLimitBytes: limitBytes, readsMemory } = policy;
    this.#patient = patient;
    this.#policy = policy;
    this.#time = time;
    if (watchdog !== undefined) this.#watchdog = new Watchdog(this, watchdog.afterMs, time);
    if (limitBytes === undefined && readsMemory !== true) return;
    this.#memory = new MemoryWatch({
      ...{ pid: patient.pid, time },
      limitBytes: limitBytes ?? Number.POSITIVE_INFINITY,
      onExceeded: (bytes) => this.#exceeded(bytes, limitBytes ?? 0),
    });
  }

  get isUnresponsive(): boolean {
    return this.#watchdog?.isUnresponsive === true;
  }

  /** Its resident memory, where that is watched. */
  get memoryBytes(): number | undefined {
    return this.#memory?.bytes;
  }

  get busySince(): number | undefined {
    return this.#patient.worker.busySince;
  }

  get answers(): number {
    return this.#patient.worker.answers;
  }

  probe(): void {
    this.#patient.probe();
  }

  onUnresponsive(sinceMs: number): void {
    this.#patient.unresponsive(sinceMs);
    if (this.#policy.watchdog?.action !== 'replace') return;
    this.#patient.retire('unresponsive');
    this.#grace = this.#time.after(this.#policy.graceMs, () => this.#patient.kill('unresponsive'));
  }

  onResponsive(): void {
    this.#grace?.cancel();
    this.#patient.responsive();
  }

  /** It has given a sign of life. */
  heard(): void {
    this.#watchdog?.heard();
  }

  stop(): void {
    this.#watchdog?.stop();
    this.#memory?.stop();
    this.#grace?.cancel();
  }

  #exceeded(bytes: number, limitBytes: number): void {
    this.#patient.kill('memory-limit', describeExcess(bytes, limitBytes));
  }
}

/** What there is to say of a worker with more memory than it may have. */
export function describeExcess(bytes: number, limitBytes: number): string {
  return `it had ${mib(bytes)} MiB of memory, more than its limit of ${mib(limitBytes)} MiB (limits.memoryBytes)`;
}

function mib(bytes: number): number {
  return Math.round(bytes / BYTES_PER_MIB);
}
