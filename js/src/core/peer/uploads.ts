/**
 * Streams of this end that the other end reads: items that were an argument of a call
 * (docs/protocol.md, "Uploads"). Which stream has which number is the reference table's business.
 */
import { SynapseError } from '../protocol/errors.js';
import type { RunFor } from './callbacks.js';
import type { Reference, ReferenceTable } from './reference-table.js';
import { Upload, type UploadLink } from './upload.js';

/** An OPEN of the other end's. */
export interface OpenedStream {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly credit: number;
}

/** What an OPEN of an upload names: `$upload:` and the number of the reference. */
const METHOD = /^\$upload:([1-9]\d{0,9})$/;

export class Uploads {
  readonly #references: ReferenceTable;
  readonly #link: UploadLink;
  readonly #runFor: RunFor;
  readonly #open = new Map<number, Upload>();

  constructor(references: ReferenceTable, link: UploadLink, runFor: RunFor) {
    this.#references = references;
    this.#link = link;
    this.#runFor = runFor;
  }

  /** Starts to send the items that the other end asks for; refuses at once when there are none. */
  serve({ id, method, args, kwargs, credit }: OpenedStream): void {
    const number = Number(METHOD.exec(method)?.[1] ?? 0);
    const reference = this.#references.find(number);
    if (reference?.kind !== 'stream' || reference.opened) {
      this.#link.error(id, this.#refusal(method, number, reference));
    } else if (args.length > 0 || Object.keys(kwargs).length > 0) {
      const message = 'A stream that was an argument takes no arguments itself.';
      this.#link.error(id, new SynapseError('INVALID_ARGUMENTS', message));
    } else {
      reference.opened = true;
      const { owner, source } = reference;
      const upload = new Upload(
        { id, owner, source, credit },
        this.#link,
        (pump) => this.#runFor(owner, pump),
        () => this.#open.delete(id),
      );
      this.#open.set(id, upload);
    }
  }

  /** Lets the stream `id` send `items` more; nothing happens once it has ended. */
  addCredit(id: number, items: number): void {
    this.#open.get(id)?.addCredit(items);
  }

  /** The other end reads no further. */
  cancel(id: number): void {
    const message = 'The stream was not read to its end.';
    this.#open.get(id)?.stop(new SynapseError('CALL_CANCELLED', message));
  }

  /** Stops those that came with `owner`, which has ended. */
  release(owner: number): void {
    for (const upload of this.#open.values()) {
      if (upload.owner === owner) upload.stop(released());
    }
  }

  /** The connection is over: every source cleans up, and no answer leaves. */
  close(): void {
    for (const upload of this.#open.values()) upload.stop(released());
  }

  #refusal(method: string, number: number, reference: Reference | undefined): SynapseError {
    if (reference?.kind === 'callback') {
      const message = `The reference ${number} is a function; it is called, not opened.`;
      return new SynapseError('NOT_A_STREAM', message);
    }
    if (reference !== undefined) {
      const message = 'This stream was opened before; its items can be read once.';
      return new SynapseError('CALLBACK_RELEASED', message);
    }
    if (this.#references.wasIssued(number)) return released();
    const message = `This end serves no streams; it cannot open "${method}".`;
    return new SynapseError('METHOD_NOT_FOUND', message);
  }
}

function released(): SynapseError {
  return new SynapseError(
    'CALLBACK_RELEASED',
    'This stream can no longer be read: the call that it was an argument of has ended.',
  );
}
