// Thousands of calls in flight, each of a random kind, with clocks and signals that stop some of them, under faults.
import { Book } from './book.mjs';
import { kinds, Wrong } from './calls.mjs';
import { Faults } from './faults.mjs';
import { randomOf } from './random.mjs';

/** No call of the drill may take longer, whatever happens. */
const LONGEST_MS = 60_000;
const WEIGHTS = Object.fromEntries(
  Object.entries(kinds).map(([name, { weight }]) => [name, weight]),
);

/** Those that kill their worker are not to do so three times. */
const DANGEROUS = new Set(['die', 'hang', 'garble', 'eat memory', 'eat descriptors']);

/** What call `number` is, by the seed alone. */
export function planOf(seed, number) {
  const random = randomOf(seed, number);
  const kind = random.weighted(WEIGHTS);
  const plan = { kind, ...kinds[kind].make(number, random) };
  if (plan.bounded) {
    plan.limits = { timeoutMs: random.integer(50, 300) };
  } else if (random.chance(0.06)) {
    const clock = random.pick(['timeoutMs', 'queueTimeoutMs', 'totalTimeoutMs', 'idleTimeoutMs']);
    plan.limits = { [clock]: random.integer(1, clock === 'timeoutMs' ? 50 : 2000) };
  } else if (random.chance(0.08)) {
    plan.abortAfterMs = random.pick([0, 0, 1, 3, 10, 40]);
  }
  // None below the others: calls that others always go before would wait for ever.
  if (random.chance(0.1)) plan.options = { priority: random.integer(0, 3) };
  if (!DANGEROUS.has(kind) && random.chance(0.1)) {
    plan.options = { ...plan.options, idempotent: true };
    plan.runs = 3;
  }
  return plan;
}

const pause = (ms) => new Promise((resume) => setTimeout(resume, ms));

async function make(client, book, seed, number) {
  const plan = planOf(seed, number);
  const page = book.enter(number, plan);
  const options = { ...plan.options, ...plan.limits };
  let timer;
  if (plan.abortAfterMs !== undefined) {
    const controller = new AbortController();
    options.signal = controller.signal;
    timer = setTimeout(() => controller.abort(), plan.abortAfterMs);
  }
  try {
    await plan.run(client, options);
    book.settle(page);
  } catch (error) {
    if (error instanceof Wrong)
      book.complaints.push(`call ${number} (${plan.kind}) got ${error.message}`);
    book.settle(page, error instanceof Wrong ? undefined : error);
    // Who is told to come again later does; else all calls of the drill would be refused meanwhile.
    if (error.code === 'CIRCUIT_OPEN') await pause(error.retryAfterMs);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Makes `calls` calls, `inFlight` at a time.
 *
 * @returns the book, and how many faults of each sort came from outside
 */
export async function drill(client, { seed, calls, inFlight, faultsEveryMs, onTick }) {
  const book = new Book();
  const faults = new Faults(client, randomOf(seed, -1), faultsEveryMs);
  let next = 1;
  let stuck = false;
  const lane = async () => {
    while (next <= calls && !stuck) {
      const number = next;
      next += 1;
      await make(client, book, seed, number);
    }
  };
  let overdue;
  const hung = new Promise((resolve) => {
    overdue = setInterval(() => {
      onTick?.({ made: next - 1, open: book.open });
      if (book.oldestMs < LONGEST_MS) return;
      stuck = true;
      for (const call of book.hanging().slice(0, 20)) {
        book.complaints.push(`never settled: ${JSON.stringify(call)}`);
      }
      resolve();
    }, 1000);
  });
  if (faultsEveryMs > 0) faults.start();
  const lanes = Promise.all(Array.from({ length: inFlight }, lane));
  await Promise.race([lanes, hung]);
  clearInterval(overdue);
  faults.end();
  return { book, faults: faults.counts };
}
