/** A linked list of tasks: first in, first out, and any of them can leave in constant time. */

export interface Linked<T> {
  previous: T | null;
  next: T | null;
  /** The list it is in; it can be in one only. */
  list: unknown;
}

/** Counts what is in several lists. */
export interface Tally {
  size: number;
}

export class TaskList<T extends Linked<T>> {
  readonly tally: Tally | undefined;
  #first: T | null = null;
  #last: T | null = null;
  #size = 0;

  /** @param tally counts what is in here, and maybe elsewhere */
  constructor(tally?: Tally) {
    this.tally = tally;
  }

  get size(): number {
    return this.#size;
  }

  get first(): T | null {
    return this.#first;
  }

  push(task: T): void {
    this.#insert(task, this.#last, null);
  }

  unshift(task: T): void {
    this.#insert(task, null, this.#first);
  }

  delete(task: T): void {
    if (task.list !== this) return;
    if (task.previous === null) this.#first = task.next;
    else task.previous.next = task.next;
    if (task.next === null) this.#last = task.previous;
    else task.next.previous = task.previous;
    task.previous = null;
    task.next = null;
    task.list = null;
    this.#size -= 1;
    if (this.tally !== undefined) this.tally.size -= 1;
  }

  shift(): T | null {
    const task = this.#first;
    if (task !== null) this.delete(task);
    return task;
  }

  /** Empties the list and returns what was in it, in order. */
  takeAll(): T[] {
    const tasks: T[] = [];
    for (let task = this.shift(); task !== null; task = this.shift()) tasks.push(task);
    return tasks;
  }

  *[Symbol.iterator](): Generator<T> {
    for (let task = this.#first; task !== null; ) {
      const { next } = task;
      yield task;
      task = next;
    }
  }

  #insert(task: T, previous: T | null, next: T | null): void {
    task.previous = previous;
    task.next = next;
    task.list = this;
    if (previous === null) this.#first = task;
    else previous.next = task;
    if (next === null) this.#last = task;
    else next.previous = task;
    this.#size += 1;
    if (this.tally !== undefined) this.tally.size += 1;
  }
}
