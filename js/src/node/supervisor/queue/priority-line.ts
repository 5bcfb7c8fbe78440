/**
 * Tasks that wait in order: those of the highest priority first, and of one priority first in, first
 * out. As long as none has a priority but 0, this is one list and nothing else.
 */

import type { Task } from '../call/task.js';
import { type Tally, TaskList } from '../call/task-list.js';
import type { Connection } from '../connection/connection.js';

/** So many go by their priority, then one that has waited longest: nobody waits for ever. */
export const RANKED_IN_A_ROW = 15;

interface Level<C extends Connection> {
  readonly priority: number;
  readonly tasks: TaskList<Task<C>>;
}

export class PriorityLine<C extends Connection> {
  readonly #tally: Tally = { size: 0 };
  readonly #normal = new TaskList<Task<C>>(this.#tally);
  /** The highest first. That of priority 0 is always there; others while they are needed. */
  readonly #levels: Level<C>[] = [{ priority: 0, tasks: this.#normal }];
  /** How many have gone by their priority since one went that had waited longest. */
  #ranked = 0;

  get size(): number {
    return this.#tally.size;
  }

  get first(): Task<C> | null {
    return this.#levels.length === 1 ? this.#normal.first : this.#firstOfLevels();
  }

  /** Whether priorities other than 0 are among what waits. */
  get isRanked(): boolean {
    return this.#levels.length > 1;
  }

  /** Who goes next: who has waited longest after so many that went by their priority. */
  get next(): Task<C> | null {
    return this.#ranked === RANKED_IN_A_ROW ? this.longest : this.first;
  }

  /** Notes that the next has gone, while there were priorities. */
  went(): void {
    this.#ranked = this.#ranked === RANKED_IN_A_ROW ? 0 : this.#ranked + 1;
  }

  /** Who has waited longest, whatever its priority. */
  get longest(): Task<C> | null {
    let longest: Task<C> | null = null;
    for (const { tasks } of this.#levels) {
      const { first } = tasks;
      if (first === null) continue;
      if (longest === null || first.submittedAt < longest.submittedAt) longest = first;
    }
    return longest;
  }

  has({ list }: Task<C>): boolean {
    return list !== null && list.tally === this.#tally;
  }

  push(task: Task<C>): void {
    this.#levelOf(task.priority).push(task);
  }

  /** Puts it before all others of its priority. */
  unshift(task: Task<C>): void {
    this.#levelOf(task.priority).unshift(task);
  }

  /** Empties the line and returns what was in it, in order. */
  takeAll(): Task<C>[] {
    return this.#levels.flatMap(({ tasks }) => tasks.takeAll());
  }

  #firstOfLevels(): Task<C> | null {
    for (let at = 0; at < this.#levels.length; ) {
      const { tasks } = this.#levels[at] as Level<C>;
      if (tasks.first !== null) return tasks.first;
      if (tasks === this.#normal) at += 1;
      else this.#levels.splice(at, 1);
    }
    return null;
  }

  #levelOf(priority: number): TaskList<Task<C>> {
    if (priority === 0) return this.#normal;
    const levels = this.#levels;
    let low = 0;
    for (let high = levels.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if ((levels[middle] as Level<C>).priority > priority) low = middle + 1;
      else high = middle;
    }
    const found = levels[low];
    if (found?.priority === priority) return found.tasks;
    const tasks = new TaskList<Task<C>>(this.#tally);
    levels.splice(low, 0, { priority, tasks });
    return tasks;
  }
}
