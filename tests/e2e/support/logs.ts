// Collects what an observable emits, for tests that ask about it later.
import type { Observable, Subscription } from 'rxjs';

export class LogBook {
  readonly lines: string[] = [];
  readonly #subscription: Subscription;

  constructor(logs: Observable<string>) {
    this.#subscription = logs.subscribe((line) => this.lines.push(line));
  }

  get text(): string {
    return this.lines.join('');
  }

  close(): void {
    this.#subscription.unsubscribe();
  }
}
