/** What is written down about one call on its way: by the task itself, its worker, and the pool. */
import type { SynapseError } from '../../../core/protocol/errors.js';
import type { ObservedTask } from '../../observe/observer.js';
import type { CallPolicy } from './call-policy.js';
import type { CallbackContext } from './callback-context.js';
import type { Linked, TaskList } from './task-list.js';

/** @typeParam T the task itself */
export class TaskRecord<T extends Linked<T>> implements Linked<T>, ObservedTask {
  readonly method: string;
  readonly policy: CallPolicy;

  previous: T | null = null;
  next: T | null = null;
  list: TaskList<T> | null = null;

  /** Order of dispatch on its worker. */
  sequence = 0;
  /** Expected work when it was sent, in milliseconds. */
  cost = 0;
  /** The worker can be at work on it: everything before it has been answered. */
  running = false;
  /** Functions went with it that the worker's main thread may wait for. */
  waits = false;
  /** How many of them run. */
  callbacks = 0;
  /** Functions or streams went with it: what they did or gave cannot be had again. */
  sentReferences = false;
  /** The callback that submitted it, if one did. */
  within: CallbackContext | undefined;
  /** A call that one of its callbacks made and that has callbacks itself. */
  inner: T | null = null;
  /** The call whose `inner` it is. */
  outer: T | null = null;
  /** What its callbacks have called since then. */
  held: TaskList<T> | null = null;

  /** When it was submitted, sent, could be at work last, and was settled, by `performance.now()`; 0: not yet. */
  submittedAt = 0;
  dispatchedAt = 0;
  startedAt = 0;
  settledAt = 0;
  /** How long it ran in workers that were lost. */
  ranMs = 0;
  /** What its caller is told of the last worker that was lost with it, if it does not run again. */
  loss: SynapseError | undefined;
  /** How often it was sent. */
  attempts = 0;
  runNs = 0;
  wantsTiming = false;
  observed: object | undefined;

  constructor(method: string, policy: CallPolicy) {
    this.method = method;
    this.policy = policy;
  }

  /** Whether it is answered item by item. */
  get isStream(): boolean {
    return false;
  }

  /** The higher the sooner. */
  get priority(): number {
    return this.policy.priority;
  }
}
