/**
 * The sync calls that a worker's main thread was sent: which it is at, and whether to send more.
 *
 * They run first in, first out, but for one thing: a call that carried functions may wait for one
 * of them, and meanwhile the thread runs the calls which that function makes. So behind such a call
 * nothing else is sent, and what its functions call makes a level of its own on top of it.
 */
import { now } from '../../transport/moment.js';
import type { Task } from '../call/task.js';
import { TaskList } from '../call/task-list.js';
import type { Connection } from '../connection/connection.js';
import type { WorkEstimates } from './work-estimate.js';

/** Known work that a worker holds at most, unless it is one call, and a next one: one running, about 1 ms ahead. */
const WINDOW_MS = 2;
/** Calls sent ahead at most, however short. */
const MAX_SERIAL = 64;
/** A worker silent for this long gets nothing more behind the call it is at. */
const STALLED_MS = 5;
/**
 * How long a call may be expected to take for its worker to have another one next, or to be that one: less
 * than the recall watch's look, which takes back what a worker does not come to.
 */
const NEXT_MS = 8;

export class MainThread<C extends Connection> {
  readonly #estimates: WorkEstimates;
  /** What runs in order; each level but the first is on top of the waiting call below it. */
  readonly #levels = [new TaskList<Task<C>>()];
  /** The call that carried functions at the end of each level but the last. */
  readonly #waiting: Task<C>[] = [];
  #size = 0;
  #backlogMs = 0;
  #lastStepAt = 0;

  constructor(estimates: WorkEstimates) {
    this.#estimates = estimates;
  }

  get size(): number {
    return this.#size;
  }

  /** The call that it is at, or that waits for a function of its own. */
  get head(): Task<C> | null {
    for (let i = this.#levels.length - 1; i >= 0; i--) {
      const first = this.#levels[i]?.first ?? null;
      if (first !== null) return first;
    }
    return null;
  }

  /** Whether a call that nobody has given up runs here. */
  get isTaken(): boolean {
    const { head } = this;
    return head?.running === true && !head.settled;
  }

  /** Whether it reads what arrives: nothing runs, or what runs waits for a function. */
  get listens(): boolean {
    const { head } = this;
    return head === null || (head.waits && head.callbacks > 0);
  }

  /** Whether it is at a call that takes long, and reads nothing meanwhile. */
  get isStalled(): boolean {
    return this.#size > 0 && !this.listens && now() - this.#lastStepAt >= STALLED_MS;
  }

  /** Whether a call of no callback's should be sent now. */
  hasRoom({ method }: Pick<Task<C>, 'method'>): boolean {
    if (this.#size === 0) return true;
    return (
      this.#waiting.length === 0 &&
      this.#size < MAX_SERIAL &&
      this.#backlogMs + this.#estimates.of(method) <= WINDOW_MS &&
      now() - this.#lastStepAt < STALLED_MS
    );
  }

  /** Whether a call for which no worker has room should be sent now, to run next. */
  hasNext({ method }: Pick<Task<C>, 'method'>): boolean {
    return (
      this.#size === 1 &&
      this.#waiting.length === 0 &&
      this.#backlogMs <= NEXT_MS &&
      this.#estimates.of(method) <= NEXT_MS &&
      now() - this.#lastStepAt < NEXT_MS
    );
  }

  has(task: Task<C>): boolean {
    const { list } = task;
    if (this.#levels.length === 1) return list === this.#levels[0];
    return list !== null && this.#levels.includes(list);
  }

  /** Notes that a call was sent; true when nothing that was sent before it runs before it. */
  push(task: Task<C>): boolean {
    if (this.#size === 0) this.#lastStepAt = task.dispatchedAt;
    // Those on top of a waiting call are part of its work.
    task.cost = this.#waiting.length === 0 ? this.#estimates.of(task.method) : 0;
    this.#backlogMs += task.cost;
    const level = this.#levels[this.#levels.length - 1] as TaskList<Task<C>>;
    level.push(task);
    this.#size += 1;
    if (task.waits) {
      this.#waiting.push(task);
      this.#levels.push(new TaskList());
    }
    return level.size === 1;
  }

  /** When it last began or ended a call, as `performance.now()` has it. */
  get steppedAt(): number {
    return this.#lastStepAt;
  }

  /** When it should be through with what it has, as `performance.now()` has it. */
  get freeAt(): number {
    return this.#lastStepAt + this.#backlogMs;
  }

  /** Learns from a call that was answered how long its method takes. */
  observe({ method, settled }: Pick<Task<C>, 'method' | 'settled'>): void {
    const at = now();
    // Its caller had its answer before only if it gave the call up.
    this.#estimates.observe(method, at - this.#lastStepAt, settled);
    this.#lastStepAt = at;
  }

  /** Notes that a call has ended. */
  delete(task: Task<C>): void {
    const level = task.list;
    if (level === null) return;
    level.delete(task);
    this.#size -= 1;
    this.#backlogMs = this.#size === 0 ? 0 : Math.max(0, this.#backlogMs - task.cost);
    if (!task.waits) return;
    const at = this.#waiting.indexOf(task);
    if (at < 0) return;
    // What its functions called and did not wait for comes next.
    this.#waiting.splice(at, 1);
    for (const [above] of [this.#levels.splice(at + 1, 1)]) {
      for (const left of above?.takeAll() ?? []) level.push(left);
    }
  }

  /** What its functions have called here, and what those have: it goes on when all have ended. */
  onTopOf(task: Task<C>): Task<C>[] {
    const at = this.#waiting.indexOf(task);
    return at < 0 ? [] : this.#levels.slice(at + 1).flatMap((level) => [...level]);
  }

  /** Tells of those that have become the first of their level, and have run since `at` for all that is known. */
  advance(onStarted: (task: Task<C>, at: number) => void, at: number): void {
    for (const { first } of this.#levels) {
      if (first !== null && !first.running) onStarted(first, at);
    }
  }

  *[Symbol.iterator](): Generator<Task<C>> {
    for (const level of this.#levels) yield* level;
  }

  takeAll(): Task<C>[] {
    const tasks = [...this];
    for (const task of tasks) this.delete(task);
    return tasks;
  }
}
