/**
 * Functions of this end that the other end may call, and its calls of them (docs/protocol.md,
 * "Callbacks"). A function travels as a number (extension 3); it is kept until the call or stream
 * that it was an argument of has ended.
 */
import { SynapseError } from '../protocol/errors.js';

/** Functions as they stand in arguments; what they take and return is checked by who wrote them. */
type Callback = (...args: unknown[]) => unknown;

/** How an answer to a call of the other end's leaves. */
export interface CallbackAnswers {
  /** @throws {EncodeError} the value cannot travel */
  result(id: number, value: unknown): void;
  error(id: number, error: unknown): void;
}

/** A call that the other end makes. */
export interface CallbackCall {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
}

/** What a call of a callback names: `$callback:` and the number of the reference. */
const METHOD = /^\$callback:([1-9]\d{0,9})$/;
const MAX_REFERENCE = 2 ** 32 - 1;

interface Registered {
  readonly callback: Callback;
  /** The call or stream that it was an argument of. */
  readonly owner: number;
}

export class Callbacks {
  readonly #answers: CallbackAnswers;
  readonly #runFor: (owner: number, callback: () => unknown) => unknown;
  readonly #registered = new Map<number, Registered>();
  /** The numbers of those that came with a call or stream, by its id. */
  readonly #owned = new Map<number, number[]>();
  /**
   * Calls that have no answer yet. They have no limit: one of them may wait for a call that needs
   * the next, and how many there are is up to who makes them, as it is with calls of our own.
   */
  readonly #running = new Set<number>();
  #lastReference = 0;

  /** @param runFor calls a function that came with the call `owner` */
  constructor(
    answers: CallbackAnswers,
    runFor: (owner: number, callback: () => unknown) => unknown = (_, callback) => callback(),
  ) {
    this.#answers = answers;
    this.#runFor = runFor;
  }

  /** Numbers a function that travels with the call `owner`. */
  reference(callback: unknown, owner: number): number {
    if (this.#lastReference === MAX_REFERENCE) {
      throw new SynapseError('INTERNAL', 'This connection has no numbers left for callbacks.');
    }
    this.#lastReference += 1;
    this.#registered.set(this.#lastReference, { callback: callback as Callback, owner });
    const owned = this.#owned.get(owner);
    if (owned === undefined) this.#owned.set(owner, [this.#lastReference]);
    else owned.push(this.#lastReference);
    return this.#lastReference;
  }

  /** Whether functions came with `owner`, which has not ended. */
  cameWith(owner: number): boolean {
    return this.#owned.size > 0 && this.#owned.has(owner);
  }

  /** Forgets the functions that came with a call: it has ended, or was never sent. */
  release(owner: number): void {
    if (this.#owned.size === 0) return;
    const owned = this.#owned.get(owner);
    if (owned === undefined) return;
    this.#owned.delete(owner);
    for (const reference of owned) this.#registered.delete(reference);
  }

  /** Calls the function that the other end asks for, and answers; at once when it cannot be. */
  serve(call: CallbackCall): void {
    const reference = Number(METHOD.exec(call.method)?.[1] ?? 0);
    const registered = this.#registered.get(reference);
    if (registered === undefined) {
      this.#answers.error(call.id, this.#unknown(call.method, reference));
    } else if (Object.keys(call.kwargs).length > 0) {
      this.#answers.error(call.id, keywordsRefused(Object.keys(call.kwargs)));
    } else {
      this.#running.add(call.id);
      void this.#run(call, registered);
    }
  }

  /** The other end wants the answer no longer; what the function still does is its own affair. */
  cancel(id: number): void {
    if (!this.#running.delete(id)) return;
    const message = 'The call of a JavaScript function was cancelled.';
    this.#answers.error(id, new SynapseError('CALL_CANCELLED', message));
  }

  /** The connection is over: nobody calls any more, and no answer leaves. */
  close(): void {
    this.#registered.clear();
    this.#owned.clear();
    this.#running.clear();
  }

  async #run({ id, args }: CallbackCall, { callback, owner }: Registered): Promise<void> {
    try {
      // Not before the message that asked for it has been read to its end.
      await undefined;
      const value = await this.#runFor(owner, () => callback(...args));
      if (this.#running.has(id)) this.#answers.result(id, value);
    } catch (error) {
      // The function's own failure, or a value that cannot travel: of that, nothing has been sent.
      if (this.#running.has(id)) this.#answers.error(id, error);
    } finally {
      this.#running.delete(id);
    }
  }

  #unknown(method: string, reference: number): SynapseError {
    if (reference > 0 && reference <= this.#lastReference) {
      return new SynapseError(
        'CALLBACK_RELEASED',
        'This JavaScript function can no longer be called: the call that it was an argument of has ended.',
      );
    }
    const message = `This end serves no methods; it cannot call "${method}".`;
    return new SynapseError('METHOD_NOT_FOUND', message);
  }
}

function keywordsRefused(names: readonly string[]): SynapseError {
  return new SynapseError(
    'INVALID_ARGUMENTS',
    `A JavaScript function takes its arguments by position, not by keyword (${names.join(', ')}).`,
  );
}
