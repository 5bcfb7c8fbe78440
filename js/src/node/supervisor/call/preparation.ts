/** What is to be done for a task, a slice at a time, before it can be sent. */
export interface Preparation {
  /** Whether it is done. */
  readonly isDone: boolean;
  /** Whether something of it is. */
  readonly isBegun: boolean;
  /** How much memory its outcome takes, as far as it is done. */
  readonly bytes: number;
  /** Does another slice, of about so many bytes, and returns how many it had. @throws {EncodeError} it cannot be sent */
  step(bytes: number): number;
}
