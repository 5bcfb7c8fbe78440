/**
 * The fastest channel to a worker: a pair of pipes that the worker made, opened here through
 * `/proc/<pid>/fd/<n>` and read into one reused buffer. No temporary files, no native module.
 */
import { closeSync, constants, writeSync, writevSync } from 'node:fs';
import { type ConnectOpts, Socket, type SocketConstructorOpts } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SharedPiece } from '../../core/protocol/shared-segments.js';
import type { Transport, TransportReceiver } from '../../core/transport.js';
import { type SharedNumbers, TURN_BYTES, WorkerMemory } from './shared-memory.js';
import { StreamTransport } from './stream-transport.js';

/** What a Linux pipe holds. */
const PIPE_BYTES = 64 * 1024;
/** Larger reads into memory that is copied from were measured slower, and bring no more. */
const READ_BUFFER_BYTES = PIPE_BYTES;
/** From here on bytes are read straight to where they belong, saving a copy and most of the reads. */
const DIRECT_READ_BYTES = 64 * 1024;
/** Most that is read there at a time: while a pipe is read nobody can write to it, so less than it holds is best. */
const MOST_DIRECT_BYTES = 256 * 1024;
const CANCEL_ID_BYTES = 8;

/** Descriptor numbers as the worker knows them. */
export interface PipeNumbers extends SharedNumbers {
  readonly input: number;
  readonly output: number;
  readonly cancel: number;
}

/** Which ends of a worker's pipes are ours. */
export const ourEnds = ({ input, output, cancel }: PipeNumbers) =>
  [
    [input, constants.O_WRONLY],
    [output, constants.O_RDONLY],
    [cancel, constants.O_WRONLY],
  ] as const;

export interface OpenPipes {
  readonly transport: Transport;
  readonly cancel: Pick<CancelPipe, 'write' | 'close'>;
}

/** @param opened our ends, which become owned @param numbers of what else the worker shares */
export function usePipes(
  pid: number,
  [input, output, cancel]: readonly [input: number, output: number, cancel: number],
  numbers: SharedNumbers,
): OpenPipes {
  const memory = () => WorkerMemory.open(pid, numbers);
  return { transport: new PipeTransport(output, input, memory), cancel: new CancelPipe(cancel) };
}

export class PipeTransport extends StreamTransport {
  readonly #input: Socket;
  readonly #writeFd: number;
  readonly #readBuffer = new Uint8Array(READ_BUFFER_BYTES);
  /** Its beginning, as long as what was read into it last. */
  #lastRead: Uint8Array = this.#readBuffer;
  readonly #openMemory: () => WorkerMemory | undefined;
  #shared: WorkerMemory | 'not asked for' | undefined = 'not asked for';
  /** What was to be sent since segments began to go through shared memory: it leaves behind them. */
  #behind: (() => void)[] | undefined;

  /**
   * @param readFd bytes from the worker @param writeFd bytes to the worker; both become owned
   * @param openMemory opens what the worker shares
   */
  constructor(
    readFd: number,
    writeFd: number,
    openMemory: () => WorkerMemory | undefined = () => undefined,
  ) {
    const output = new Socket({ fd: writeFd, readable: false, writable: true });
    output.unref();
    super(output);
    this.#writeFd = writeFd;
    this.#openMemory = openMemory;
    // `onread` is documented for connections; the constructor takes it for descriptors as well.
    const options: SocketConstructorOpts & Pick<ConnectOpts, 'onread'> = {
      fd: readFd,
      readable: true,
      writable: false,
      onread: {
        buffer: () => this.#nextBuffer(),
        callback: (length, buffer) => {
          this.deliver(this.#beginningOf(buffer, length));
          return true;
        },
      },
    };
    this.#input = new Socket(options);
    this.#input.unref();
  }

  /** Opened for who asks for it, and so also opens this transport: raw scripts have none. */
  get shared(): WorkerMemory | undefined {
    if (this.#shared === 'not asked for') this.#shared = this.#openMemory();
    return this.#shared;
  }

  override open(receiver: TransportReceiver): void {
    this.receiver = receiver;
    this.#input.on('end', () => this.closed());
    this.#input.on('error', (error: Error) => this.closed(error));
    this.#input.on('close', () => this.closed());
  }

  /** Answers of one method are mostly of one length, and a view takes as long to make as one of them to decode. */
  #beginningOf(buffer: Uint8Array, length: number): Uint8Array {
    if (buffer !== this.#readBuffer) return buffer.subarray(0, length);
    if (this.#lastRead.length !== length) this.#lastRead = buffer.subarray(0, length);
    return this.#lastRead;
  }

  #nextBuffer(): Uint8Array {
    const vacancy = this.receiver?.vacancy?.();
    return vacancy === undefined || vacancy.length < DIRECT_READ_BYTES
      ? this.#readBuffer
      : vacancy.subarray(0, MOST_DIRECT_BYTES);
  }

  /** A pipe takes most messages at once: they need no stream, no request and no callback (3 µs less). */
  protected override writeNow(bytes: Uint8Array): number {
    if (bytes.byteLength > PIPE_BYTES) return 0;
    try {
      return writeSync(this.#writeFd, bytes);
    } catch {
      // It is full, or broken: the stream waits for it, and says what is wrong with it.
      return 0;
    }
  }

  /** As much as the pipe takes: at most 1 MiB, which is what the worker makes it hold for large messages. */
  protected override writePartsNow(parts: readonly Uint8Array[]): number {
    try {
      return writevSync(this.#writeFd, parts);
    } catch {
      return 0; // as above
    }
  }

  override get congested(): boolean {
    return this.#behind !== undefined || super.congested;
  }

  override send(bytes: Uint8Array, done: (undelivered: boolean) => void): void {
    if (this.#behind === undefined) super.send(bytes, done);
    else this.#behind.push(() => this.send(bytes, done));
  }

  override sendParts(parts: readonly Uint8Array[], done: (undelivered: boolean) => void): void {
    if (this.#behind === undefined) super.sendParts(parts, done);
    else this.#behind.push(() => this.sendParts(parts, done));
  }

  sendShared(
    parts: readonly Uint8Array[],
    pieces: readonly SharedPiece[],
    done: (undelivered: boolean) => void,
  ): void {
    if (this.#behind !== undefined) {
      this.#behind.push(() => this.sendShared(parts, pieces, done));
      return;
    }
    super.sendParts(parts, done); // at once: the other end wakes up while the first piece is put there
    this.#behind = [];
    void this.#sendPieces(this.#behind, pieces);
  }

  /** In turns of the event loop that are not long. */
  async #sendPieces(behind: (() => void)[], pieces: readonly SharedPiece[]): Promise<void> {
    let [turns, bytesInTurn] = [1, 0];
    for (const piece of pieces) {
      if (bytesInTurn >= TURN_BYTES) {
        [turns, bytesInTurn] = [turns + 1, 0];
        await nextTurn();
        if (this.#behind !== behind) return; // it is closed
      }
      if (!this.#put(piece)) {
        this.destroy(new Error('Shared memory cannot be written.')); // half a frame
        return;
      }
      super.send(piece.number, () => undefined);
      bytesInTurn += piece.size;
    }
    this.#sendBehind();
    if (turns > 1) this.receiver?.onDrain(); // in the first nobody has found it congested, and who sends is at it
  }

  /** Puts a piece into shared memory; whether it is there. */
  #put({ bytes, size, at }: SharedPiece): boolean {
    try {
      // Of a buffer that was taken away from under its call nothing is left to send; what was there before is nobody's.
      this.shared?.outgoing.put(bytes.length === size ? bytes : new Uint8Array(size), at);
      return this.shared !== undefined;
    } catch {
      return false;
    }
  }

  #sendBehind(): void {
    const behind = this.#behind;
    this.#behind = undefined;
    for (const send of behind ?? []) send();
  }

  override end(): void {
    if (this.#behind === undefined) super.end();
    else this.#behind.push(() => this.end());
  }

  override pause(): void {
    this.#input.pause();
  }

  override resume(): void {
    this.#input.resume();
  }

  protected override destroyInput(): void {
    this.#input.destroy();
    this.#sendBehind(); // to nobody: whoever waits is told
  }

  protected override closed(error?: Error): void {
    super.closed(error);
    if (this.#shared !== 'not asked for') this.#shared?.close(); // what has come through it was read by then
    this.#shared = undefined;
  }
}

/** Carries ids of cancelled calls; the worker's signal handler reads it. */
export class CancelPipe {
  #fd: number | undefined;
  readonly #id = Buffer.alloc(CANCEL_ID_BYTES);

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Whether the id is on its way; false when the pipe is full or closed. */
  write(id: number): boolean {
    if (this.#fd === undefined) return false;
    this.#id.writeBigUInt64LE(BigInt(id));
    try {
      return writeSync(this.#fd, this.#id) === CANCEL_ID_BYTES;
    } catch {
      // Full or broken: the caller has another way to say it.
      return false;
    }
  }

  close(): void {
    if (this.#fd === undefined) return;
    closeSync(this.#fd);
    this.#fd = undefined;
  }
}
