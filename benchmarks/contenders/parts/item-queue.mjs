// Items that come in batches, read one at a time with `for await`: what a library without streams needs to have them.

export class ItemQueue {
  #batch = [];
  #at = 0;
  #batches = [];
  #left;
  #wake;

  /** @param count how many items there will be */
  constructor(count) {
    this.#left = count;
  }

  push(batch) {
    this.#batches.push(batch);
    this.#wake?.();
  }

  next() {
    if (this.#at === this.#batch.length) {
      if (this.#left === 0) return Promise.resolve({ value: undefined, done: true });
      const batch = this.#batches.shift();
      if (batch === undefined) return this.#more();
      this.#batch = batch;
      this.#at = 0;
    }
    this.#left -= 1;
    const value = this.#batch[this.#at];
    this.#at += 1;
    return Promise.resolve({ value, done: false });
  }

  async #more() {
    await new Promise((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
    return this.next();
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}
