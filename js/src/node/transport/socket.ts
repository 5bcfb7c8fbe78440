/**
 * The portable channel: a stream pair that Node made when it spawned the worker. Used where pipes
 * cannot be opened through `/proc`, and for raw scripts that insist on their real stdin and stdout.
 */
import type { Readable, Writable } from 'node:stream';
import type { TransportReceiver } from '../../core/transport.js';
import { StreamTransport } from './stream-transport.js';

export class SocketTransport extends StreamTransport {
  readonly #input: Readable;

  /** A socket serves both ways; stdio gives one stream for each. */
  constructor(input: Readable, output: Writable) {
    super(output);
    this.#input = input;
  }

  override open(receiver: TransportReceiver): void {
    this.receiver = receiver;
    this.#input.on('data', this.deliver);
    this.#input.on('end', () => this.closed());
    this.#input.on('error', (error: Error) => {
      this.#deliverRest();
      this.closed(error);
    });
    this.#input.on('close', () => this.closed());
  }

  /** Delivers what was read while it rested: a stream that fails does not. */
  #deliverRest(): void {
    const rest: Uint8Array | null = this.#input.read();
    if (rest !== null) this.deliver(rest);
  }

  override pause(): void {
    this.#input.pause();
  }

  override resume(): void {
    this.#input.resume();
  }

  protected override destroyInput(): void {
    this.#input.destroy();
  }
}
