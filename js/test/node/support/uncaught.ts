/** What is thrown outside of everything while `act` runs and in the turn after it. */
export async function uncaughtIn(act: () => void): Promise<unknown[]> {
  const uncaught: unknown[] = [];
  const original = globalThis.queueMicrotask;
  globalThis.queueMicrotask = (task) => {
    try {
      task();
    } catch (error) {
      uncaught.push(error);
    }
  };
  try {
    act();
  } finally {
    globalThis.queueMicrotask = original;
  }
  return uncaught;
}
