/**
 * Keeps a pool at as many workers as it should have: starts them, replaces those that end after a
 * growing delay and not at all while the circuit is open, and follows what there is to do up and
 * down. One that cannot start is tried again only when a later call asks for it.
 */
import type { CircuitState } from '../../../core/client/events.js';
import type { CircuitOpenError } from '../../../core/errors.js';
import type { PoolObserver } from '../../observe/observer.js';
import type { Connection } from '../connection/connection.js';
import type { PoolPolicy } from '../pool-policy.js';
import type { ProcessSource } from '../process/process-source.js';
import { systemTime, type Timer } from '../time.js';
import { isAccident, isUnasked } from '../worker/end-reasons.js';
import type { Worker } from '../worker/worker.js';
import { Circuit } from './circuit.js';
import { Elasticity } from './elasticity.js';
import { Places } from './places.js';
import type { ProcessSources } from './process-sources.js';
import { RestartDelay } from './restart-delay.js';
import type { Workforce } from './workforce.js';

/** Useless workers in a row after which replacements wait for a call. */
const MAX_EAGER_FAILURES = 5;

/** The pool, as its staffing needs it. */
export interface Employer<C extends Connection> {
  /** Whether calls are taken. */
  readonly isOpen: boolean;
  /** Whether workers are needed for what is there, until the very end. */
  readonly isClosed: boolean;
  /** How many calls wait for room, and for nothing else. */
  readonly waitingForRoom: number;
  readonly observer: PoolObserver | undefined;
  /** It takes calls from now on. */
  started(worker: Worker<C>): void;
  /** It took the place of another, or a new one. */
  joined(worker: Worker<C>): void;
  /** A worker could not start. */
  startFailed(error: unknown): void;
}

export interface StaffingOptions<C extends Connection> {
  readonly workforce: Workforce<C>;
  readonly sources: ProcessSources;
  readonly policy: Pick<PoolPolicy, 'size' | 'restarts'>;
  /** What error messages call the module. */
  readonly name: string;
  /** Replace a worker that ended even while nothing waits for it. */
  readonly eager: boolean;
}

export class Staffing<C extends Connection> {
  readonly #employer: Employer<C>;
  readonly #workforce: Workforce<C>;
  readonly #sources: ProcessSources;
  readonly #eager: boolean;
  readonly #elasticity: Elasticity<C>;
  readonly #circuit: Circuit;
  readonly #restarts = new RestartDelay();
  readonly #places = new Places<Worker<C>>();
  /** When each was started, as the delay counts. */
  readonly #rounds = new WeakMap<Worker<C>, number>();
  /** Those whose end the circuit knows of. */
  readonly #mourned = new WeakSet<Worker<C>>();
  #restartTimer: Timer | undefined;
  /** Whether the last worker that ended had never been ready. */
  #startFailed = false;
  /** How many starts have failed, those that failed together counted once. */
  #failures = 0;

  constructor(employer: Employer<C>, options: StaffingOptions<C>) {
    const { workforce, sources, policy, name, eager } = options;
    this.#employer = employer;
    this.#workforce = workforce;
    this.#sources = sources;
    this.#eager = eager;
    this.#elasticity = new Elasticity({
      ...{ workforce, size: policy.size },
      waitingForRoom: () => employer.waitingForRoom,
      canFork: () => sources.current.zygote.state === 'ready',
      onGrown: () => this.#fill(),
      onSpare: (worker) => {
        this.#places.spare(worker);
        worker.retire('idle');
      },
      time: systemTime,
    });
    this.#circuit = new Circuit({
      policy: policy.restarts,
      name,
      onChange: (state, reason) => this.#circuitChanged(state, reason),
    });
  }

  get circuit(): CircuitState {
    return this.#circuit.state;
  }

  /** How many workers there should be now. */
  get target(): number {
    return this.#elasticity.target;
  }

  /** Whether one more would be started for calls that wait. */
  get mayGrow(): boolean {
    return this.#employer.isOpen && this.#circuit.state === 'closed' && this.#elasticity.mayGrow;
  }

  /** Why calls need not wait, where no worker is left and none will be started for a while. */
  get refusal(): CircuitOpenError | undefined {
    const hopeless = this.#circuit.state === 'open' && this.#workforce.liveCount === 0;
    return hopeless ? this.#circuit.refusal() : undefined;
  }

  /** Starts the workers there must be. @throws {ModuleStartError} for the first that could not start */
  async start(): Promise<void> {
    const least = { length: this.target };
    await Promise.all(Array.from(least, async () => this.#boot(this.#sources.current).ready));
  }

  /** Starts a worker as all shall be started from now on, which is so once one has become ready. */
  startFresh(): { worker: Worker<C>; ready: Promise<void> } {
    const source = this.#sources.fresh;
    const { worker, ready } = this.#boot(source);
    const proved = ready.then(() => {
      this.#sources.prove(source);
      // How often workers of the old code have died says nothing of the new.
      this.#restarts.forget();
      this.#circuit.reset();
      this.#employer.observer?.onRestart(worker);
      this.#employer.joined(worker);
    });
    return { worker, ready: proved };
  }

  /** Starts a worker that is to take the place of one that serves yet; settles when it has started. */
  async startReplacement(): Promise<void> {
    const { worker, ready } = this.#boot(this.#sources.current);
    // Until then it is one too many, and no loss.
    this.#places.spare(worker);
    await ready;
    this.#places.keep(worker);
    this.#employer.observer?.onRestart(worker);
    this.#employer.joined(worker);
  }

  /** Calls wait and no worker has room. */
  callsWait(): void {
    this.#fill();
    this.#elasticity.callsWait();
  }

  /** A worker is about to be retired whose place is taken. */
  spare(worker: Worker<C>): void {
    this.#places.spare(worker);
  }

  /**
   * A worker takes no more calls.
   *
   * @param excused whether another has its place
   */
  retired(worker: Worker<C>, excused: boolean): void {
    if (!excused) this.#places.vacate(worker);
    // It is ending by itself: whether another is started depends on how many did.
    if (worker.hasLostConnection) this.#mourn(worker);
    this.replaceSoon();
  }

  /** Another worker has the place of one that has gone, if one is wanted. */
  replaceSoon(): void {
    this.#elasticity.shrink();
    if (!this.#employer.isOpen) return;
    if (this.#employer.waitingForRoom > 0) this.callsWait();
    else if (this.#eager && this.#restarts.failures <= MAX_EAGER_FAILURES) this.#fill();
  }

  /**
   * Notes the end of a worker.
   *
   * @param excused whether it was sent away, or is none of these yet
   */
  ended(worker: Worker<C>, excused: boolean): void {
    this.#startFailed = !worker.wasReady;
    this.#elasticity.shrink();
    if (excused || this.#places.isSpare(worker)) return;
    this.#places.vacate(worker);
    this.#restarts.recordEnd(worker.served > 0, this.#rounds.get(worker) ?? 0);
    if (!worker.wasReady || !isUnasked(worker.reason)) return;
    this.#circuit.lastWords = worker.exit?.stderrTail ?? '';
    this.#mourn(worker);
  }

  #mourn(worker: Worker<C>): void {
    if (this.#mourned.has(worker)) return;
    this.#mourned.add(worker);
    this.#circuit.recordEnd();
  }

  /** Starts none by itself any more. */
  stop(): void {
    this.#restartTimer?.cancel();
    this.#elasticity.stop();
  }

  /** Starts what is missing, now or after the delay. */
  #fill(): void {
    if (this.#employer.isClosed || this.#restartTimer !== undefined) return;
    const live = this.#workforce.liveCount;
    if (live >= this.target) return;
    if (this.#circuit.state !== 'closed') {
      if (this.#circuit.tryProbe()) this.#startOne();
      return;
    }
    // A call that finds no worker because none could start is worth one try at once.
    if (this.#startFailed && live === 0) {
      this.#startOne();
      return;
    }
    const wait = this.#restarts.ms;
    if (wait === 0) this.#startMissing();
    else this.#restartTimer = systemTime.after(wait, () => this.#rested());
  }

  #rested(): void {
    this.#restartTimer = undefined;
    if (this.#circuit.state === 'closed') this.#startMissing();
    // Timers come a little early.
    else if (this.#circuit.retryAfterMs > 0) this.#rest();
    else this.#fill();
  }

  #startMissing(): void {
    for (let missing = this.target - this.#workforce.liveCount; missing > 0; missing--) {
      this.#startOne();
    }
  }

  #startOne(): void {
    const known = this.#failures;
    try {
      const { worker, ready } = this.#boot(this.#sources.current);
      if (this.#places.take()) this.#employer.observer?.onRestart(worker);
      ready
        .then(() => this.#joined(worker))
        .catch((error: unknown) => this.#failed(error, known, worker));
    } catch (error) {
      this.#failed(error, known);
    }
  }

  #joined(worker: Worker<C>): void {
    this.#employer.joined(worker);
    // Where it was tried alone, the others follow.
    this.replaceSoon();
  }

  /** @param known how many starts had failed when this one began */
  #failed(error: unknown, known: number, worker?: Worker<C>): void {
    // One that was stopped while it started has not failed; those under way when another fails share
    // its cause, be it their zygote, and are no row of failures.
    if (worker?.reason !== 'closed' && known === this.#failures) {
      this.#failures += 1;
      this.#circuit.recordFailedStart(error);
    }
    // Killed from outside it says nothing of the next one.
    if (isAccident(worker?.reason) && this.#circuit.state === 'closed') {
      this.#tryAgain();
      // Calls wait for the next one, though it is not started at once.
      if (this.#restartTimer !== undefined) return;
    }
    this.#employer.startFailed(error);
  }

  #tryAgain(): void {
    if (this.#employer.waitingForRoom > 0) this.callsWait();
    else this.replaceSoon();
  }

  #boot(source: ProcessSource): { worker: Worker<C>; ready: Promise<void> } {
    const worker = this.#workforce.hire(source);
    this.#rounds.set(worker, this.#restarts.round);
    const ready = worker.boot().then(() => {
      this.#circuit.recordStart();
      this.#elasticity.started();
      this.#employer.started(worker);
    });
    return { worker, ready };
  }

  #circuitChanged(state: CircuitState, reason: string): void {
    this.#employer.observer?.onCircuit(state, reason);
    // A module that cannot start is not tried for nobody.
    if (state === 'open' && this.#eager && !this.#circuit.needsRepair) this.#rest();
  }

  /** Tries a worker when the circuit has cooled down. */
  #rest(): void {
    this.#restartTimer?.cancel();
    this.#restartTimer = systemTime.after(this.#circuit.retryAfterMs, () => this.#rested());
  }
}
