/**
 * What this end serves: functions and streams that were arguments of its calls, as long as these run
 * (docs/protocol.md, "Callbacks" and "Uploads"). Everything else the other end is refused.
 */
import type { AnswerWriter } from '../protocol/answer-writer.js';
import type { Extensions } from '../protocol/codec/extension-tables.js';
import { ProtocolError, type SynapseError } from '../protocol/errors.js';
import type { Kind, Message } from '../protocol/messages.js';
import { type CallbackAnswers, Callbacks } from './callbacks.js';
import { unissued } from './pending.js';
import { ReferenceTable } from './reference-table.js';
import type { CallSink, StreamSink } from './sinks.js';
import type { UploadLink } from './upload.js';
import { Uploads } from './uploads.js';

/** What serving needs of its connection. */
export interface ServingLink {
  /** What travels beside the values of MessagePack. */
  readonly extensions: Extensions;
  /** The id of the request that is being written. */
  nextId(): number;
  /** Whoever waits for a call or stream; undefined when it has ended. */
  find(id: number): CallSink | StreamSink | undefined;
  /** Sends what `write` writes, unless the connection is closed. */
  answer(write: (writer: AnswerWriter) => void): void;
  /** Largest payload of a frame that the other end takes. */
  maxFrameBytes(): number;
  /** Runs `task` after the work at hand. */
  defer(task: () => void): void;
  /** Takes a record about the call or stream `id`. */
  log(id: number, record: Record<string, unknown>): void;
}

type OfKind<K extends Kind> = Extract<Message, { readonly kind: K }>;

export class Serving {
  /** What was sent and can be asked for. */
  readonly references: ReferenceTable;
  readonly #link: ServingLink;
  readonly #callbacks: Callbacks;
  readonly #uploads: Uploads;
  #lastRemoteId = 0;

  constructor(link: ServingLink) {
    this.#link = link;
    this.references = new ReferenceTable(() => link.nextId());
    const answers: CallbackAnswers & UploadLink = {
      extensions: link.extensions,
      result: (id, value) => link.answer((writer) => writer.result(id, value)),
      error: (id, error) => this.refuse(id, error),
      items: (id, count, encoded) =>
        link.answer((writer) => writer.encodedItems(id, count, encoded)),
      end: (id) => link.answer((writer) => writer.end(id)),
      maxFrameBytes: () => link.maxFrameBytes(),
      defer: (task) => link.defer(task),
      cleanUpFailed: (owner, error) => link.log(owner, failure(error)),
    };
    const runFor = (owner: number, run: () => unknown): unknown => this.#runFor(owner, run);
    this.#callbacks = new Callbacks(this.references, answers, {
      run: runFor,
      isGivenUp: (owner) => link.find(owner)?.settled === true,
    });
    this.#uploads = new Uploads(this.references, answers, runFor);
  }

  call(call: OfKind<typeof Kind.Call>): void {
    this.#takeRemoteId(call.id);
    this.#callbacks.serve(call);
  }

  open(stream: OfKind<typeof Kind.Open>): void {
    this.#takeRemoteId(stream.id);
    this.#uploads.serve(stream);
  }

  credit({ id, items }: OfKind<typeof Kind.Credit>): void {
    if (id > this.#lastRemoteId) throw unissued('CREDIT', id);
    this.#uploads.addCredit(id, items);
  }

  cancel(id: number): void {
    this.#callbacks.cancel(id);
    this.#uploads.cancel(id);
  }

  /** A call or stream of the other end's did not decode. */
  undecodable(id: number, error: SynapseError): void {
    this.#takeRemoteId(id);
    this.refuse(id, error);
  }

  refuse(id: number, error: unknown): void {
    this.#link.answer((writer) => writer.error(id, error));
  }

  /** What came with a call or stream is of no use any more: it has ended. */
  release(id: number): void {
    if (this.references.release(id)) this.#uploads.release(id);
  }

  /** The connection is over. */
  close(): void {
    this.references.clear();
    this.#callbacks.close();
    this.#uploads.close();
  }

  /** Runs what came with the call `owner` as a part of it. */
  #runFor(owner: number, run: () => unknown): unknown {
    const sink = this.#link.find(owner);
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
