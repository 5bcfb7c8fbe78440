// Faults from outside, at random times, while the calls go on: signals to workers, and a host that is busy with itself.

const FAULTS = {
  SIGKILL: 4,
  SIGSEGV: 2,
  SIGTERM: 2,
  SIGABRT: 1,
  stop: 4,
  busy: 3,
  SIGURG: 2,
  SIGUSR2: 1,
  zygote: 1,
};

export class Faults {
  /** `{ fault: how many }` */
  counts = {};
  #client;
  #random;
  #meanMs;
  #timer;
  #stopped = new Map();

  constructor(client, random, meanMs) {
    this.#client = client;
    this.#random = random;
    this.#meanMs = meanMs;
  }

  start() {
    const delay = this.#random.next() * 2 * this.#meanMs;
    this.#timer = setTimeout(() => {
      this.#strike();
      this.start();
    }, delay);
  }

  /** No more of them; what was stopped goes on. */
  end() {
    clearTimeout(this.#timer);
    for (const [pid, timer] of this.#stopped) {
      clearTimeout(timer);
      signal(pid, 'SIGCONT');
    }
    this.#stopped.clear();
  }

  #strike() {
    const fault = this.#random.weighted(FAULTS);
    this.counts[fault] = (this.counts[fault] ?? 0) + 1;
    if (fault === 'busy') {
      const end = performance.now() + this.#random.integer(20, 250);
      while (performance.now() < end);
      return;
    }
    if (fault === 'zygote') {
      const { pid } = this.#client.stats().zygote;
      if (pid !== undefined) signal(pid, 'SIGKILL');
      return;
    }
    // Few of them hit a worker that starts: five of those in a row, and the circuit is open.
    const young = this.#random.chance(0.1);
    const pids = this.#client.workers
      .filter(({ pid, state }) => pid !== undefined && (young || state !== 'starting'))
      .map(({ pid }) => pid);
    if (pids.length === 0) return;
    const pid = this.#random.pick(pids);
    if (fault !== 'stop') {
      signal(pid, fault);
      return;
    }
    signal(pid, 'SIGSTOP');
    const goOn = () => {
      this.#stopped.delete(pid);
      signal(pid, 'SIGCONT');
    };
    this.#stopped.set(pid, setTimeout(goOn, this.#random.integer(10, 400)));
  }
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
    // It has gone by itself.
  }
}
