// The book of the drill: every call is entered when it is made and again when it is settled, and at the end each page is
// compared with the ledger that Python kept.
import { readFileSync } from 'node:fs';
import { NESTED } from './calls.mjs';

/** Errors that any call may end with while workers die around it, and whether its method may have run then. */
const BLAMELESS = {
  WORKER_EXITED: true,
  // What a worker garbled ends all that it had.
  PROTOCOL_ERROR: true,
  FRAME_TOO_LARGE: true,
  FRAME_TRUNCATED: true,
  DECODE_FAILED: true,
  // No worker took it.
  QUEUE_FULL: false,
  CIRCUIT_OPEN: false,
  MODULE_START_FAILED: false,
};

/** Where the process that forked a worker was killed before it, nobody could wait for that worker. */
const tellsTheEnd = ({ exitCode, signal, message }) =>
  exitCode !== null || signal !== null || message.includes('nobody saw how');

export class Book {
  /** Sentences about what must not be. */
  complaints = [];
  /** What the first error of each code said. */
  samples = {};
  #pages = new Map();
  #open = new Set();

  enter(number, plan) {
    const page = { number, ...plan, since: performance.now(), settled: 0, outcome: undefined };
    this.#pages.set(number, page);
    this.#open.add(page);
    return page;
  }

  /** @param error nothing when it had its own, whole answer */
  settle(page, error) {
    page.settled += 1;
    this.#open.delete(page);
    page.outcome = error === undefined ? 'answered' : (error.code ?? error.name);
    page.error = error;
    if (page.settled > 1) this.#complain(page, 'was settled twice');
    else if (error !== undefined) this.#judge(page, error);
  }

  get open() {
    return this.#open.size;
  }

  /** Milliseconds since the oldest call was made that still has no answer. */
  get oldestMs() {
    const [oldest] = this.#open;
    return oldest === undefined ? 0 : performance.now() - oldest.since;
  }

  /** What has no answer yet. */
  hanging() {
    return [...this.#open].map(({ number, kind, how }) => ({ number, kind, how }));
  }

  #judge(page, error) {
    const { code, message } = error;
    this.samples[code] ??= message;
    if (page.fails?.(error)) page.outcome = 'failed as it should';
    else if (code === 'CALL_TIMEOUT') this.#judgeTimeout(page, error);
    else if (code === 'CALL_CANCELLED' && page.abortAfterMs !== undefined) return;
    else if (!(code in BLAMELESS)) this.#complain(page, `ended with ${error.stack ?? error}`);
    else if (typeof message !== 'string' || message.length < 20) {
      this.#complain(page, `ended with an error that explains nothing: ${message}`);
    } else if (code === 'WORKER_EXITED' && !tellsTheEnd(error)) {
      this.#complain(page, `does not say how its worker ended: ${message}`);
    }
  }

  /** The clock that ran out is one that the call has, and the phases fit it. */
  #judgeTimeout(page, { clock, timeoutMs, phases, message }) {
    const option = {
      run: 'timeoutMs',
      queue: 'queueTimeoutMs',
      total: 'totalTimeoutMs',
      idle: 'idleTimeoutMs',
    };
    const passed = {
      run: phases.runMs,
      queue: phases.queueMs,
      total: phases.totalMs,
      idle: phases.runMs,
    };
    if (page.limits?.[option[clock]] !== timeoutMs) {
      this.#complain(page, `ran out of time that nobody had set: ${message}`);
    } else if (passed[clock] < timeoutMs - 5) {
      this.#complain(page, `ran out of time too early, after ${passed[clock]} ms: ${message}`);
    }
  }

  /** Compares with how often each call has begun in Python. */
  compare(ledgerFile) {
    const begun = new Map();
    const bytes = readFileSync(ledgerFile);
    for (let at = 0; at + 8 <= bytes.length; at += 8) {
      const number = Number(bytes.readBigUInt64LE(at));
      begun.set(number, (begun.get(number) ?? 0) + 1);
    }
    for (const [number, times] of begun) {
      if (number < NESTED && !this.#pages.has(number)) {
        this.complaints.push(`Python ran call ${number}, which nobody made, ${times} times`);
      }
    }
    for (const page of this.#pages.values()) {
      const times = begun.get(page.number) ?? 0;
      const { outcome, error } = page;
      if (page.settled !== 1) this.#complain(page, `was settled ${page.settled} times`);
      if (times > (page.runs ?? 1)) this.#complain(page, `ran ${times} times`);
      if (times === 0) {
        const ran = outcome === 'answered' && page.kind !== 'broken stream';
        if (ran) this.#complain(page, 'has an answer but never ran');
      } else if (page.never || BLAMELESS[outcome] === false || error?.maybeExecuted === false) {
        this.#complain(page, `ran, and yet its error says that it did not: ${error?.message}`);
      }
    }
  }

  /** `{ kind: { outcome: how many } }` */
  summary() {
    const table = {};
    for (const { kind, outcome } of this.#pages.values()) {
      table[kind] ??= {};
      table[kind][outcome] = (table[kind][outcome] ?? 0) + 1;
    }
    return table;
  }

  #complain({ number, kind, how, outcome }, what) {
    const name = how === undefined ? kind : `${kind}: ${how}`;
    this.complaints.push(`call ${number} (${name}; ${outcome}) ${what}`);
  }
}
