/**
 * Tasks that wait for room, in lines: those that need a worker's main thread, those that do not, and
 * those of each method with a limit of its own. A worker may have room for one kind and not for the
 * other, so neither waits for the other, and nothing waits for a method whose limit is reached.
 */

import type { Task } from '../call/task.js';
import type { Connection } from '../connection/connection.js';
import type { CallLimit, CallLimits } from './call-limits.js';
import { PriorityLine } from './priority-line.js';

/** So many go by their priority, then one that has waited longest: nobody waits for ever. */
const RANKED_IN_A_ROW = 15;

/** Gives tasks to workers. */
export interface Taker<C extends Connection> {
  /** Takes a task out of the queue, and gives it to a worker; false where none has room for it. */
  take(task: Task<C>): boolean;
}

export class CallQueue<C extends Connection> {
  readonly #limits: CallLimits;
  readonly #serial = new PriorityLine<C>();
  readonly #concurrent = new PriorityLine<C>();
  /** Where there are limits: what callbacks have called. What waits for those holds a place, so they need none. */
  readonly #exempt = [new PriorityLine<C>(), new PriorityLine<C>()] as const;
  readonly #limited = new Map<CallLimit, PriorityLine<C>>();
  #connection: C | undefined;
  /** How many have gone by their priority since one went that had waited longest. */
  #ranked = 0;

  constructor(limits: CallLimits) {
    this.#limits = limits;
  }

  get size(): number {
    const size = this.#serial.size + this.#concurrent.size;
    return this.#limits.areSet ? size + this.#exemptSize + this.#limitedSize : size;
  }

  /** How many could go if there was room: those that no limit holds up. */
  get ready(): number {
    let ready = this.#serial.size + this.#concurrent.size;
    for (const [limit, { size }] of this.#limited) ready += Math.min(size, limit.free);
    return Math.min(ready, this.#limits.free) + this.#exemptSize;
  }

  has(task: Task<C>): boolean {
    if (this.#serial.has(task) || this.#concurrent.has(task)) return true;
    return this.#limits.areSet && this.#lines.some((line) => line.has(task));
  }

  push(task: Task<C>): void {
    this.#lineOf(task).push(task);
  }

  unshift(task: Task<C>): void {
    this.#lineOf(task).unshift(task);
  }

  takeAll(): Task<C>[] {
    return this.#lines.flatMap((line) => line.takeAll());
  }

  /** Learns from a worker's connection which method is of which kind; before, all are of one. */
  learn(connection: C): void {
    this.#connection = connection;
    for (const task of this.takeAll()) this.push(task);
  }

  /** Offers what waits, in its order, until there is room for none of it. */
  serve(taker: Taker<C>): void {
    if (this.#limits.areSet) {
      this.#serveWithinLimits(taker);
      return;
    }
    this.#serveLine(this.#serial, taker);
    this.#serveLine(this.#concurrent, taker);
  }

  #serveLine(line: PriorityLine<C>, taker: Taker<C>): void {
    for (;;) {
      const { isRanked } = line;
      const task = isRanked ? this.#firstOf(line) : line.first;
      if (task === null || !taker.take(task)) return;
      if (isRanked) this.#wentByRank();
    }
  }

  #serveWithinLimits(taker: Taker<C>): void {
    for (const line of this.#exempt) this.#serveLine(line, taker);
    let serial = true;
    let concurrent = true;
    while (this.#limits.free > 0) {
      const isRanked = this.#isRanked;
      const task = this.#next(serial, concurrent);
      if (task === null) return;
      if (taker.take(task)) {
        if (isRanked) this.#wentByRank();
      } else if (this.#isSerial(task)) serial = false;
      else concurrent = false;
    }
  }

  /** The first of these kinds that no limit of its method holds up. */
  #next(serial: boolean, concurrent: boolean): Task<C> | null {
    let next = serial ? this.#firstOf(this.#serial) : null;
    if (concurrent) next = this.#earlier(next, this.#firstOf(this.#concurrent));
    for (const [limit, line] of this.#limited) {
      const first = this.#firstOf(line);
      if (first === null) this.#limited.delete(limit);
      else if (limit.free > 0 && (this.#isSerial(first) ? serial : concurrent)) {
        next = this.#earlier(next, first);
      }
    }
    return next;
  }

  get #isRanked(): boolean {
    if (this.#serial.isRanked || this.#concurrent.isRanked) return true;
    for (const line of this.#limited.values()) if (line.isRanked) return true;
    return false;
  }

  /** Whether the next to go is who has waited longest. */
  get #isTurnOfLongest(): boolean {
    return this.#ranked === RANKED_IN_A_ROW;
  }

  #wentByRank(): void {
    this.#ranked = this.#isTurnOfLongest ? 0 : this.#ranked + 1;
  }

  #firstOf(line: PriorityLine<C>): Task<C> | null {
    return this.#isTurnOfLongest ? line.longest : line.first;
  }

  #earlier(one: Task<C> | null, other: Task<C> | null): Task<C> | null {
    if (one === null || other === null) return one ?? other;
    if (one.priority !== other.priority && !this.#isTurnOfLongest) {
      return one.priority > other.priority ? one : other;
    }
    return other.submittedAt < one.submittedAt ? other : one;
  }

  get #exemptSize(): number {
    return this.#exempt[0].size + this.#exempt[1].size;
  }

  get #limitedSize(): number {
    let size = 0;
    for (const line of this.#limited.values()) size += line.size;
    return size;
  }

  get #lines(): PriorityLine<C>[] {
    return [this.#serial, this.#concurrent, ...this.#exempt, ...this.#limited.values()];
  }

  #isSerial(task: Task<C>): boolean {
    return this.#connection === undefined || task.isSerial(this.#connection);
  }

  #lineOf(task: Task<C>): PriorityLine<C> {
    if (this.#limits.areSet && task.within?.running === true) {
      return this.#exempt[this.#isSerial(task) ? 0 : 1];
    }
    const limit = this.#limits.areSet ? this.#limits.ownOf(task.method) : undefined;
    if (limit !== undefined) return this.#limitedBy(limit);
    return this.#isSerial(task) ? this.#serial : this.#concurrent;
  }

  #limitedBy(limit: CallLimit): PriorityLine<C> {
    let line = this.#limited.get(limit);
    if (line === undefined) {
      line = new PriorityLine();
      this.#limited.set(limit, line);
    }
    return line;
  }
}
