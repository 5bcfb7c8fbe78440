/** What is kept of one task from when it is queued until it is settled. */
import type { ObservedTask, Outcome } from './observer.js';

export interface Observation {
  /** The pool has taken the task. */
  queued(): void;
  /** Its caller is answered. */
  settled(task: ObservedTask, outcome: Outcome, error: unknown): void;
}
