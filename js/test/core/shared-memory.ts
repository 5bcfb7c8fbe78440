/** Shared memory in memory: what lies there from byte 4096 on, and when it may be taken. */
import type { SharedSource } from '../../src/core/protocol/shared-segments.js';

export class MemorySource implements SharedSource {
  askedBytes = 0;
  releases = 0;
  /** Whether its threads have no time; they fill what they were asked to when that is over. */
  isBusy = false;
  /** How often others were let have their turn. */
  turns = 0;
  readonly #bytes: Uint8Array;
  #may = Promise.resolve();
  #let: { go: () => void; fail: (error: Error) => void } | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  put(bytes: Uint8Array, at: number): void {
    this.#bytes.set(bytes, at - 4096);
  }

  /** Nothing is taken from now on until `go`, or ever with `fail`. */
  hold(): { go: () => void; fail: (error: Error) => void } {
    this.#may = new Promise((go, fail) => {
      this.#let = { go, fail };
    });
    return this.#let!;
  }

  async take(into: Uint8Array, at: number): Promise<boolean> {
    this.askedBytes += into.length;
    if (this.isBusy) {
      void this.#may.then(() => into.fill(0xee));
      return false;
    }
    await this.#may;
    into.fill(0xee); // as by a thread that was late
    this.takeNow(into, at);
    return true;
  }

  async later(): Promise<void> {
    this.turns += 1;
  }

  takeNow(into: Uint8Array, at: number): void {
    into.set(this.#bytes.subarray(at - 4096, at - 4096 + into.length));
  }

  release(): void {
    this.releases += 1;
  }
}
