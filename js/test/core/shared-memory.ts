/** Shared memory in memory: what lies there from byte 4096 on, and when it may be taken. */
import type { SharedSource } from '../../src/core/protocol/shared-segments.js';

export class MemorySource implements SharedSource {
  askedBytes = 0;
  releases = 0;
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

  async take(into: Uint8Array, at: number): Promise<void> {
    this.askedBytes += into.length;
    await this.#may;
    this.takeNow(into, at);
  }

  takeNow(into: Uint8Array, at: number): void {
    into.set(this.#bytes.subarray(at - 4096, at - 4096 + into.length));
  }

  release(): void {
    this.releases += 1;
  }
}
