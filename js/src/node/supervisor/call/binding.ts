/** The worker that a task is bound to: what it works on lives there and nowhere else. */
export interface Binding {
  /** The only worker that can run it; any can where there is none. */
  readonly home?: object | undefined;
  /** What its caller is told when that worker takes no more calls. */
  readonly homeless?: ((cause?: unknown) => unknown) | undefined;
}

/** Any worker can run it. */
export const UNBOUND: Binding = {};
