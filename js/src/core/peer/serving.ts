/**
 * What this end serves: functions and streams that were arguments of its calls, as long as these run
 * (docs/protocol.md, "Callbacks" and "Uploads"). Everything else the other end is refused.
 */
import type { AnswerWriter } from '../protocol/answer-writer.js';
import type { Extensions } from '../protocol/codec/extension-tables.js';
import { ProtocolError, type SynapseError } from '../protocol/errors.js';
import { Kind, type Message } from '../protocol/messages.js';
import type { Transport } from '../transport.js';
import { type CallbackAnswers, Callbacks } from './callbacks.js';
import type { Outbox } from './outbox.js';
import { type PendingReplies, unissued } from './pending.js';
import { ReferenceTable } from './reference-table.js';
import type { UploadLink } from './upload.js';
import { Uploads } from './uploads.js';

/** What serving needs of its connection. */
export interface ServingLink {
  /** What travels beside the values of MessagePack. */
  readonly extensions: Extensions;
  /** Who waits for the calls and streams of this end; the next of its ids is that of the request being written. */
  readonly pending: PendingReplies;
  /** Its writer is the one that the ability has given. */
  readonly outbox: Outbox;
  readonly transport: Transport;
  /** Takes a record about the call or stream `id`. */
  log(id: number, record: Record<string, unknown>): void;
}

/** What the other end may ask of this one. */
export type Request = OfKind<Kind.Call | Kind.Open | Kind.Credit | Kind.Cancel>;

type OfKind<K extends Kind> = Extract<Message, { readonly kind: K }>;

export class Serving {
  /** What was sent and can be asked for. */
  readonly references: ReferenceTable;
  readonly #link: ServingLink;
  readonly #callbacks: Callbacks;
  readonly #uploads: Uploads;
  #lastRemoteId = 0;
  #closed = false;

  constructor(link: ServingLink) {
    this.#link = link;
    this.references = new ReferenceTable(() => link.pending.lastId + 1);
    const answers: CallbackAnswers & UploadLink = {
      extensions: link.extensions,
      result: (id, value) => this.#answer((writer) => writer.result(id, value)),
      error: (id, error) => this.refuse(id, error),
      items: (id, count, encoded) =>
        this.#answer((writer) => writer.encodedItems(id, count, encoded)),
      end: (id) => this.#answer((writer) => writer.end(id)),
      maxFrameBytes: () => link.outbox.writer.maxFrameBytes,
      defer: (task) => link.transport.defer(task),
      cleanUpFailed: (owner, error) => link.log(owner, failure(error)),
    };
    const runFor = (owner: number, run: () => unknown): unknown => this.#runFor(owner, run);
    this.#callbacks = new Callbacks(this.references, answers, {
      run: runFor,
      isGivenUp: (owner) => link.pending.find(owner)?.settled === true,
    });
    this.#uploads = new Uploads(this.references, answers, runFor);
  }

  /** Does what the other end asks. */
  take(request: Request): void {
    const { id } = request;
    switch (request.kind) {
      case Kind.Call:
        this.#takeRemoteId(id);
        this.#callbacks.serve(request);
        return;
      case Kind.Open:
        this.#takeRemoteId(id);
        this.#uploads.serve(request);
        return;
      case Kind.Credit:
        if (id > this.#lastRemoteId) throw unissued(Kind.Credit, id);
        this.#uploads.addCredit(id, request.items);
        return;
      case Kind.Cancel:
        this.#callbacks.cancel(id);
        this.#uploads.cancel(id);
    }
  }

  /** A call or stream of the other end's did not decode. */
  undecodable(id: number, error: SynapseError): void {
    this.#takeRemoteId(id);
    this.refuse(id, error);
  }

  refuse(id: number, error: unknown): void {
    this.#answer((writer) => writer.error(id, error));
  }

  /** What came with a call or stream is of no use any more: it has ended. */
  release(id: number): void {
    if (this.references.release(id)) this.#uploads.release(id);
  }

  /** The connection is over. */
  close(): void {
    this.#closed = true;
    this.references.clear();
    this.#callbacks.close();
    this.#uploads.close();
  }

  /** Sends what `write` writes, unless the connection is over. */
  #answer(write: (writer: AnswerWriter) => void): void {
    if (this.#closed) return;
    const { outbox } = this.#link;
    const writer = outbox.writer as AnswerWriter;
    write(writer);
    // Who answers is never told when that was sent, so cannot leave its buffers as they are until then.
    if (writer.holdsSegments) writer.copySegments();
    outbox.flushSoon();
  }

  /** Runs what came with the call `owner` as a part of it. */
  #runFor(owner: number, run: () => unknown): unknown {
    const sink = this.#link.pending.find(owner);
    return sink?.runCallback === undefined ? run() : sink.runCallback(run);
  }

  #takeRemoteId(id: number): void {
    if (id <= this.#lastRemoteId) {
      throw new ProtocolError(`Call id ${id} is not above the last one, ${this.#lastRemoteId}.`);
    }
    this.#lastRemoteId = id;
  }
}

/** What is logged of a source that failed to clean up after the other end stopped reading it. */
function failure(error: unknown): Record<string, unknown> {
  const message = `Closing a stream that was an argument failed: ${String(error)}`;
  return { level: 'WARNING', logger: 'synapse', message };
}
