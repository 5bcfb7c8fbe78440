/**
 * Tasks that wait for room, in lines: those that need a worker's main thread, those that do not, and
 * those of each method with a limit of its own. A worker may have room for one kind and not for the
 * other, so neither waits for the other, and nothing waits for a method whose limit is reached.
 */

import type { CallLimit, CallLimits } from '../call/call-limits.js';
import type { Task } from '../call/task.js';
import type { Connection } from '../connection/connection.js';
import { PriorityLine, RANKED_IN_A_ROW } from './priority-line.js';

/** Whether a task needs a worker's main thread. */
type Kind = 'serial' | 'concurrent';

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
  /** Where there are limits, for which all contend: how many have gone by their priority since the longest of a kind. */
  readonly #ranked = { serial: 0, concurrent: 0 };

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
      const task = isRanked ? line.next : line.first;
      if (task === null || !taker.take(task)) return;
      if (isRanked) line.went();
    }
  }

  #serveWithinLimits(taker: Taker<C>): void {
    for (const line of this.#exempt) this.#serveLine(line, taker);
    let serial = true;
    let concurrent = true;
    while (this.#limits.free > 0) {
      const isRanked = this.#isRanked;
      const line = this.#nextLine(
        serial ? this.#firstLine('serial') : null,
        concurrent ? this.#firstLine('concurrent') : null,
      );
      const task = line === null ? null : this.#offerOf(line);
      if (line === null || task === null) return;
      const kind = this.#kindOf(task);
      if (taker.take(task)) {
        if (isRanked) this.#went(line, kind);
      } else if (kind === 'serial') serial = false;
      else concurrent = false;
    }
  }

  /** Of the first lines of the two kinds that whose turn it is to have its longest go; or the first by rank. */
  #nextLine(serial: PriorityLine<C> | null, concurrent: PriorityLine<C> | null) {
    if (serial === null || concurrent === null) return serial ?? concurrent;
    const isTurn = this.#isTurn('serial');
    if (isTurn !== this.#isTurn('concurrent')) return isTurn ? serial : concurrent;
    return this.#earlier(serial, concurrent);
  }

  /** The line of this kind whose task goes first of those that no limit of their method holds up. */
  #firstLine(kind: Kind): PriorityLine<C> | null {
    const line = kind === 'serial' ? this.#serial : this.#concurrent;
    let next = line.size === 0 ? null : line;
    for (const [limit, limited] of this.#limited) {
      const { first } = limited;
      if (first === null) this.#limited.delete(limit);
      else if (limit.free > 0 && this.#kindOf(first) === kind) {
        next = next === null ? limited : this.#earlier(next, limited);
      }
    }
    return next;
  }

  get #isRanked(): boolean {
    if (this.#serial.isRanked || this.#concurrent.isRanked) return true;
    for (const line of this.#limited.values()) if (line.isRanked) return true;
    return false;
  }

  /** Whether the next of this kind is who has waited longest. */
  #isTurn(kind: Kind): boolean {
    return this.#ranked[kind] === RANKED_IN_A_ROW;
  }

  /** What goes next of a line. */
  #offerOf(line: PriorityLine<C>): Task<C> | null {
    const { next } = line;
    return next !== null && this.#isTurn(this.#kindOf(next)) ? line.longest : next;
  }

  /** A kind keeps its turn until it has had it: there may be room for the other alone meanwhile. */
  #went(line: PriorityLine<C>, kind: Kind): void {
    const ranked = this.#ranked;
    const wasTurn = this.#isTurn(kind);
    ranked.serial = Math.min(ranked.serial + 1, RANKED_IN_A_ROW);
    ranked.concurrent = Math.min(ranked.concurrent + 1, RANKED_IN_A_ROW);
    if (wasTurn) ranked[kind] = 0;
    line.went();
  }

  #earlier(one: PriorityLine<C>, other: PriorityLine<C>): PriorityLine<C> {
    const first = this.#offerOf(one);
    const second = this.#offerOf(other);
    if (first === null || second === null) return second === null ? one : other;
    const byAge = this.#isTurn(this.#kindOf(first));
    if (first.priority !== second.priority && !byAge) {
      return first.priority > second.priority ? one : other;
    }
    return second.submittedAt < first.submittedAt ? other : one;
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

  #kindOf(task: Task<C>): Kind {
    return this.#isSerial(task) ? 'serial' : 'concurrent';
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
