// What answers calls in the order they were made has no ids: the oldest caller gets the next answer.

export class InOrder {
  #waiting = [];
  #next = 0;

  /** Who is told the next answer that nobody waits for yet. */
  wait(settle) {
    this.#waiting.push(settle);
  }

  answer(value) {
    const settle = this.#waiting[this.#next];
    this.#next += 1;
    if (this.#next === this.#waiting.length) {
      this.#waiting.length = 0;
      this.#next = 0;
    }
    settle(value);
  }
}
