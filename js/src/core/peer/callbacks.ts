/**
 * Functions of this end that the other end calls (docs/protocol.md, "Callbacks"): its calls of them,
 * and what they answer. Which function has which number is the reference table's business.
 */
import { SynapseError } from '../protocol/errors.js';
import type { Reference, ReferenceTable } from './reference-table.js';

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

/** Runs what came with the call `owner`, so that calls made in there are known to be nested. */
export type RunFor = (owner: number, run: () => unknown) => unknown;

/** The calls that functions came with. */
export interface Owners {
  readonly run: RunFor;
  /** Whether the call has been given up, though it has not ended. */
  isGivenUp(owner: number): boolean;
}

/** What a call of a callback names: `$callback:` and the number of the reference. */
const METHOD = /^\$callback:([1-9]\d{0,9})$/;

type CallbackOf = Reference & { readonly kind: 'callback' };

export class Callbacks {
  readonly #references: ReferenceTable;
  readonly #answers: CallbackAnswers;
  readonly #owners: Owners;
  /**
   * Calls that have no answer yet. They have no limit: one of them may wait for a call that needs
   * the next, and how many there are is up to who makes them, as it is with calls of our own.
   */
  readonly #running = new Set<number>();

  constructor(references: ReferenceTable, answers: CallbackAnswers, owners: Owners) {
    this.#references = references;
    this.#answers = answers;
    this.#owners = owners;
  }

  /** Calls the function that the other end asks for, and answers; at once when it cannot be. */
  serve(call: CallbackCall): void {
    const number = Number(METHOD.exec(call.method)?.[1] ?? 0);
    const reference = this.#references.find(number);
    if (reference?.kind !== 'callback') {
      this.#answers.error(call.id, this.#refusal(call.method, number, reference));
    } else if (this.#owners.isGivenUp(reference.owner)) {
      // Now: what follows may be its end, and then nothing is known of it any more.
      this.#answers.error(call.id, released());
    } else if (Object.keys(call.kwargs).length > 0) {
      this.#answers.error(call.id, keywordsRefused(Object.keys(call.kwargs)));
    } else {
      this.#running.add(call.id);
      void this.#run(call, reference);
    }
  }

  /** The other end wants the answer no longer; what the function still does is its own affair. */
  cancel(id: number): void {
    if (!this.#running.delete(id)) return;
    const message = 'The call of a JavaScript function was cancelled.';
    this.#answers.error(id, new SynapseError('CALL_CANCELLED', message));
  }

  /** The connection is over: no answer leaves. */
  close(): void {
    this.#running.clear();
  }

  async #run({ id, args }: CallbackCall, { callback, owner }: CallbackOf): Promise<void> {
    try {
      // Not before the message that asked for it has been read to its end.
      await undefined;
      if (this.#owners.isGivenUp(owner)) throw released();
      const call = callback as (...args: unknown[]) => unknown;
      const value = await this.#owners.run(owner, () => call(...args));
      if (this.#running.has(id)) this.#answers.result(id, value);
    } catch (error) {
      // The function's own failure, or a value that cannot travel: of that, nothing has been sent.
      if (this.#running.has(id)) this.#answers.error(id, error);
    } finally {
      this.#running.delete(id);
    }
  }

  #refusal(method: string, number: number, reference: Reference | undefined): SynapseError {
    if (reference !== undefined) {
      const message = `The reference ${number} is a stream; it is opened, not called.`;
      return new SynapseError('IS_A_STREAM', message);
    }
    if (this.#references.wasIssued(number)) {
      return released();
    }
    const message = `This end serves no methods; it cannot call "${method}".`;
    return new SynapseError('METHOD_NOT_FOUND', message);
  }
}

function released(): SynapseError {
  return new SynapseError(
    'CALLBACK_RELEASED',
    'This JavaScript function can no longer be called: the call that it was an argument of has ended.',
  );
}

function keywordsRefused(names: readonly string[]): SynapseError {
  return new SynapseError(
    'INVALID_ARGUMENTS',
    `A JavaScript function takes its arguments by position, not by keyword (${names.join(', ')}).`,
  );
}
