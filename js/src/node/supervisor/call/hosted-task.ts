/** A task in the care of a pool: keeps the host alive for its caller, and tells when it is concluded. */
import type { Outcome, PoolObserver } from '../../observe/observer.js';
import type { TaskHost } from './task-host.js';
import type { Linked } from './task-list.js';
import { TaskRecord } from './task-record.js';

/** @typeParam T the task itself */
export class HostedTask<T extends Linked<T>> extends TaskRecord<T> {
  #host: TaskHost | null = null;
  #holdsHost = false;

  /** The pool; none before it was submitted. */
  protected get host(): TaskHost | null {
    return this.#host;
  }

  protected get observer(): PoolObserver | undefined {
    return this.#host?.observer;
  }

  protected submittedTo(host: TaskHost): void {
    this.#host = host;
  }

  /** Keeps the host alive: somebody waits for something that only this task can bring. */
  protected holdHost(): void {
    if (this.#holdsHost || this.#host === null) return;
    this.#holdsHost = true;
    this.#host.keepalive.hold();
  }

  protected releaseHost(): void {
    if (!this.#holdsHost) return;
    this.#holdsHost = false;
    this.#host?.keepalive.release();
  }

  /** The caller is answered, and waits for nothing more. */
  protected conclude(outcome: Outcome, error?: unknown): void {
    this.releaseHost();
    const host = this.#host;
    if (host === null) return;
    host.observer?.onSettled(this, outcome, error);
    host.taskSettled();
  }
}
