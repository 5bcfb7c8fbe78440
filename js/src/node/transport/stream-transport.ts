/**
 * The sending half and the life cycle that all of Node's byte streams share. What differs, how
 * bytes are read, is in `pipes.ts` and `socket.ts`.
 *
 * Memory is bounded from above: `congested` turns true past a high-water mark, and who writes
 * (the pool) then keeps its calls as values in its own, counted queue.
 */
import type { Writable } from 'node:stream';
import type { Transport, TransportReceiver } from '../../core/transport.js';
import { inOneMoment } from './moment.js';

/** Bytes waiting to be written above which a transport calls itself congested. */
const CONGESTED_BYTES = 1024 * 1024;
/** A write of at most this is all or nothing, to a pipe (PIPE_BUF) and to a socket; of a larger one, and elsewhere of any to a socket, a part may have arrived. */
const ATOMIC_BYTES = process.platform === 'linux' ? 4096 : 0;
/** How long replies already written may still be read after the other end stopped reading. */
const BROKEN_PIPE_GRACE_MS = 200;

export abstract class StreamTransport implements Transport {
  protected receiver: TransportReceiver | undefined;
  readonly #output: Writable;
  #wasCongested = false;
  #closed = false;

  constructor(output: Writable) {
    this.#output = output;
    output.on('drain', () => this.#drained());
    output.on('error', (error: Error) => this.#writeFailed(error));
  }

  abstract open(receiver: TransportReceiver): void;

  /** Writes what the other end takes at once, where there is a shorter way than the stream; how many bytes. */
  protected writeNow(_bytes: Uint8Array): number {
    return 0;
  }

  /** As `writeNow`, of several parts in a row. */
  protected writePartsNow(_parts: readonly Uint8Array[]): number {
    return 0;
  }

  protected abstract destroyInput(): void;
  abstract pause(): void;
  abstract resume(): void;

  /** Bytes have been read. */
  protected readonly deliver = (chunk: Uint8Array): void => {
    if (this.receiver !== undefined) inOneMoment(this.#receive, chunk);
  };

  readonly #receive = (chunk: Uint8Array): void => this.receiver?.onBytes(chunk);

  get congested(): boolean {
    if (this.#output.writableLength < CONGESTED_BYTES) return false;
    this.#wasCongested = true;
    return true;
  }

  send(bytes: Uint8Array, done: (undelivered: boolean) => void): void {
    if (this.#closed || this.#output.destroyed) {
      done(true);
      return;
    }
    const isIdle = this.#output.writableLength === 0;
    const taken = isIdle ? this.writeNow(bytes) : 0;
    if (taken === bytes.byteLength) {
      done(false);
      return;
    }
    // Behind a write that has not ended it is joined with others, and those are written in parts.
    const whole = isIdle && taken === 0 && bytes.byteLength <= ATOMIC_BYTES;
    this.#output.write(taken === 0 ? bytes : bytes.subarray(taken), (error) => {
      done(error != null && whole);
      this.#drained();
    });
  }

  sendParts(parts: readonly Uint8Array[], done: (undelivered: boolean) => void): void {
    if (this.#closed || this.#output.destroyed) {
      done(true);
      return;
    }
    const taken = this.#output.writableLength === 0 ? this.writePartsNow(parts) : 0;
    const rest = partsAfter(parts, taken);
    const last = rest.pop();
    if (last === undefined) {
      done(false);
      return;
    }
    this.#output.cork(); // so that they are written together
    for (const part of rest) this.#output.write(part);
    this.#output.write(last, () => {
      done(false); // they are large: a part may always have arrived
      this.#drained();
    });
    this.#output.uncork();
  }

  /** Memory that was freed comes back as it is: zeroing it, or a fresh page, costs more than what is read into it. */
  allocate(bytes: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer as ArrayBuffer);
  }

  defer(task: () => void): void {
    process.nextTick(task);
  }

  later(task: () => void): void {
    setImmediate(task);
  }

  end(): void {
    this.#output.end();
  }

  destroy(error?: Error): void {
    this.#output.destroy();
    this.destroyInput();
    this.closed(error);
  }

  /** No more bytes will come. */
  protected closed(error?: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#output.destroy();
    this.destroyInput();
    this.receiver?.onClose(error);
  }

  #drained(): void {
    if (!this.#wasCongested || this.congested) return;
    this.#wasCongested = false;
    this.receiver?.onDrain();
  }

  /** The other end reads no more; what it wrote before is still worth reading. */
  #writeFailed(error: Error): void {
    setTimeout(() => this.closed(error), BROKEN_PIPE_GRACE_MS).unref();
  }
}

/** What is left of parts of which the first `taken` bytes are gone. */
function partsAfter(parts: readonly Uint8Array[], taken: number): Uint8Array[] {
  const rest: Uint8Array[] = [];
  let gone = taken;
  for (const part of parts) {
    if (gone < part.byteLength) rest.push(gone === 0 ? part : part.subarray(gone));
    gone = Math.max(0, gone - part.byteLength);
  }
  return rest;
}
