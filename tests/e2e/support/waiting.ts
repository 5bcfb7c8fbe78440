// Bounded waits: nothing here sleeps for a fixed time, everything fails by name when its time is over.

/** Ask again until the answer is truthy; fail when it is not within the bound. */
export async function eventually<T>(
  what: string,
  check: () => T | Promise<T>,
  withinMs = 30_000,
): Promise<NonNullable<T>> {
  const end = performance.now() + withinMs;
  for (;;) {
    const answer = await check();
    if (answer) return answer;
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resume) => setTimeout(resume, 5));
  }
}

/** The value of a promise that must settle within the bound. */
export async function within<T>(ms: number, what: string, promise: PromiseLike<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not settled within ${ms} ms: ${what}`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What a promise rejects with; fails when it resolves. */
export async function rejectionOf(promise: PromiseLike<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (reason) {
    return reason;
  }
  throw new Error(`expected a rejection, got ${JSON.stringify(value) ?? String(value)}`);
}

/** The error (a real one, with a code) a promise rejects with. */
export async function errorOf(
  promise: PromiseLike<unknown>,
): Promise<Error & { code?: string; retryable?: boolean; details?: unknown }> {
  const reason = await rejectionOf(promise);
  if (reason instanceof Error) return reason;
  throw new Error(`expected an Error, got ${String(reason)}`);
}

/** How long something takes, with its value. */
export async function timed<T>(run: () => PromiseLike<T>): Promise<{ value: T; ms: number }> {
  const start = performance.now();
  const value = await run();
  return { value, ms: performance.now() - start };
}
