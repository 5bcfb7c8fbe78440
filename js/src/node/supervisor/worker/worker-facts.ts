/** What others may ask of a worker: what it is, what it is at, and how it ended. */
import type { WorkerExitReason, WorkerState, WorkerStatus } from '../../../core/worker-status.js';
import type { Task } from '../call/task.js';
import type { CallLedger } from '../connection/call-ledger.js';
import type { Connection } from '../connection/connection.js';
import type { ProcessExit } from '../process/process-handle.js';
import type { InFlight } from './in-flight.js';
import type { WorkerLife } from './worker-life.js';

export abstract class WorkerFacts<C extends Connection> {
  /** Whether objects of callers live there, which end with it. */
  inhabited = false;
  /** Calls it was given; tells a worker that died at work from one that cannot live. */
  served = 0;
  /** Calls it has ended. */
  answers = 0;
  protected abstract readonly life: WorkerLife<C>;
  /** The calls that it was sent and has not ended. */
  protected abstract readonly sent: InFlight<C>;

  get pid(): number | undefined {
    return this.life.pid;
  }

  get state(): WorkerState {
    return this.life.state;
  }

  get exited(): Promise<ProcessExit> {
    return this.life.exited;
  }

  /** When its process was started, in milliseconds since 1970. */
  get startedAt(): number {
    return this.life.startedAt;
  }

  get status(): WorkerStatus {
    const { pid, state, isUnresponsive, startedAt, memoryBytes } = this.life;
    const { inFlight, served, busySince } = this;
    const isBusy = state === 'ready' && inFlight > 0;
    return {
      ...{ pid, inFlight, startedAt, served },
      state: isUnresponsive ? 'unresponsive' : isBusy ? 'busy' : state,
      ...(memoryBytes !== undefined && { memoryBytes }),
      ...(busySince !== undefined && { oldestCallMs: performance.now() - busySince }),
    };
  }

  get inFlight(): number {
    return this.sent.size;
  }

  get calls(): Iterable<Task<C>> {
    return this.sent;
  }

  get ledger(): CallLedger | undefined {
    return this.life.link.ledger;
  }

  /** The last call that it has begun, where it writes that down. */
  get lastBegun(): number | undefined {
    return this.ledger?.lastBegun;
  }

  get busySince(): number | undefined {
    return this.sent.oldestAt;
  }

  /** When its main thread should be through with what it has, as `performance.now()` has it. */
  get freeAt(): number {
    return this.sent.main.freeAt;
  }

  /** Its resident memory at the last reading, where that is watched. */
  get memoryBytes(): number | undefined {
    return this.life.memoryBytes;
  }

  /** Why it ended, once it has. */
  get reason(): WorkerExitReason | undefined {
    return this.life.end.reason;
  }

  /** How it ended, once it has. */
  get exit(): ProcessExit | undefined {
    return this.life.end.exit;
  }

  /** The connection of a worker that is ready. */
  get connection(): C {
    const { connection } = this.life;
    if (connection === undefined) throw new Error('The worker has no connection yet.');
    return connection;
  }

  /** Whether it ever took calls. */
  get wasReady(): boolean {
    return this.life.connection !== undefined;
  }

  /** Whether its connection has ended before its process: it is ending by itself. */
  get hasLostConnection(): boolean {
    return this.life.end.closedBy !== undefined;
  }

  /** Whether it runs calls that callbacks of its own calls make. */
  get takesNested(): boolean {
    return this.state === 'ready' || this.state === 'draining';
  }
}
