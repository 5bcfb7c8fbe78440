/**
 * One stream that was an argument and that the other end reads: items are pulled from it as credit
 * allows, and sent together when they come together. When it is not read to its end its `return()`
 * is called, as leaving a `for await` loop does.
 */
import type { Extensions } from '../protocol/codec/extension-tables.js';
import type { Streamable } from '../protocol/codec/streamable.js';
import type { SynapseError } from '../protocol/errors.js';
import { ItemBatch } from './item-batch.js';

/** What an upload needs from its connection. */
export interface UploadLink {
  /** What travels beside the values of MessagePack. */
  readonly extensions: Extensions;
  /** Largest payload of a frame that the other end takes. */
  maxFrameBytes(): number;
  items(id: number, count: number, encoded: Uint8Array): void;
  end(id: number): void;
  error(id: number, error: unknown): void;
  /** Runs `task` after the work at hand. */
  defer(task: () => void): void;
  /** Takes what the clean-up of a source failed with: nobody waits for that. */
  cleanUpFailed(owner: number, error: unknown): void;
}

/** A stream that the other end opened. */
export interface UploadRequest {
  readonly id: number;
  /** The call or stream that it was an argument of. */
  readonly owner: number;
  readonly source: Streamable;
  readonly credit: number;
}

type Source = Iterator<unknown> | AsyncIterator<unknown>;

export class Upload {
  readonly owner: number;
  readonly #id: number;
  readonly #source: Streamable;
  readonly #link: UploadLink;
  readonly #run: (pump: () => Promise<void>) => unknown;
  readonly #onEnded: () => void;
  readonly #batch: ItemBatch;
  #iterator: Source | undefined;
  #credit: number;
  #pulled = 0;
  #pumping = false;
  #sendsSoon = false;
  #ended = false;

  /** @param run runs what pulls items as a part of the call that it came with */
  constructor(
    { id, owner, source, credit }: UploadRequest,
    link: UploadLink,
    run: (pump: () => Promise<void>) => unknown,
    onEnded: () => void,
  ) {
    this.owner = owner;
    this.#id = id;
    this.#source = source;
    this.#credit = credit;
    this.#link = link;
    this.#run = run;
    this.#onEnded = onEnded;
    this.#batch = new ItemBatch(
      (count, encoded) => link.items(id, count, encoded),
      link.maxFrameBytes(),
      link.extensions,
    );
    this.#resume();
  }

  /** Lets `items` more items be sent. */
  addCredit(items: number): void {
    this.#credit += items;
    this.#resume();
  }

  /** Stops reading the source, which cleans up; the other end is answered with `reason`. */
  stop(reason: SynapseError): void {
    if (this.#ended) return;
    this.#finish();
    this.#link.error(this.#id, reason);
    void this.#return();
  }

  #resume(): void {
    if (this.#pumping || this.#ended || this.#credit <= 0) return;
    this.#pumping = true;
    void this.#run(() => this.#pump());
  }

  /** Pulls items while there is credit. Never rejects. */
  async #pump(): Promise<void> {
    try {
      // Not before the message that asked for it has been read to its end.
      await undefined;
      if (!this.#ended) this.#iterator ??= iteratorOf(this.#source);
      while (!this.#ended && this.#credit > 0) {
        const pending = (this.#iterator as Source).next();
        // What is there already is taken without a turn of the microtask queue for each item.
        const step = isPromise(pending) ? await pending : pending;
        if (this.#ended) return;
        if (typeof step !== 'object' || step === null) throw noResult(step);
        if (step.done === true) {
          this.#batch.send();
          this.#finish();
          this.#link.end(this.#id);
          return;
        }
        const item = isPromise(step.value) ? await step.value : step.value;
        if (this.#ended) return;
        this.#take(item);
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#pumping = false;
    }
  }

  #take(item: unknown): void {
    try {
      this.#batch.add(item, this.#pulled);
    } catch (error) {
      // The source does not know that what it gave cannot travel.
      void this.#return();
      throw error;
    }
    this.#pulled += 1;
    this.#credit -= 1;
    if (this.#sendsSoon) return;
    this.#sendsSoon = true;
    this.#link.defer(this.#sendNow);
  }

  readonly #sendNow = (): void => {
    this.#sendsSoon = false;
    if (!this.#ended) this.#batch.send();
  };

  #fail(error: unknown): void {
    if (this.#ended) return;
    this.#batch.send();
    this.#finish();
    this.#link.error(this.#id, error);
  }

  #finish(): void {
    this.#ended = true;
    this.#batch.drop();
    this.#onEnded();
  }

  async #return(): Promise<void> {
    const iterator = this.#iterator;
    if (iterator === undefined) return;
    try {
      await undefined;
      await iterator.return?.();
    } catch (error) {
      this.#link.cleanUpFailed(this.owner, error);
    }
  }
}

function iteratorOf(source: Streamable): Source {
  return Symbol.asyncIterator in source
    ? source[Symbol.asyncIterator]()
    : source[Symbol.iterator]();
}

function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

function noResult(step: unknown): TypeError {
  return new TypeError(`The iterator's next() gave ${String(step)}, which is no iterator result.`);
}
