/** What is to be done for a task, a slice at a time, before it can be sent. */
export interface Preparation {
  /** Whether it is done. */
  readonly isDone: boolean;
  /** Does another slice, which takes a millisecond or two. @throws {EncodeError} it cannot be sent */
  step(): void;
}
