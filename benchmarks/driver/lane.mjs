// The handle to a contender's process: one request at a time, each with an end.
import { spawn } from 'node:child_process';
import { laneProgram } from '../paths.mjs';

/** Longer than anything that is measured; what takes longer hangs. */
const PATIENCE_MS = 180_000;
/** How long a contender may take to end in order. */
const CLOSE_MS = 10_000;

export class Lane {
  #child;
  #settle;

  constructor(scenario, entrant) {
    this.#child = spawn(process.execPath, ['--expose-gc', laneProgram(), scenario, entrant], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child.on('message', (message) => this.#settle?.(message));
    this.#child.on('exit', (code, signal) =>
      this.#settle?.({ error: `The contender's process ended (${signal ?? code}).` }),
    );
    this.ready = this.#answer(PATIENCE_MS);
  }

  open(details) {
    return this.#ask('open', details, PATIENCE_MS);
  }

  turn(plan) {
    return this.#ask('turn', { plan }, PATIENCE_MS);
  }

  /** Closes the contender and ends its process, in order if it can be had. */
  async close() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    await this.#ask('close', {}, CLOSE_MS).catch(() => {});
    this.#settle = undefined;
    const firm = setTimeout(() => this.#child.kill('SIGKILL'), 1_000); // pythonia leaves a timer running
    await ended;
    clearTimeout(firm);
  }

  #ask(action, details, withinMs) {
    const answer = this.#answer(withinMs);
    if (this.#child.connected) this.#child.send({ action, ...details });
    else this.#settle({ error: "The contender's process has ended." });
    return answer;
  }

  #answer(withinMs) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.#settle({ error: `No answer within ${withinMs} ms.` }),
        withinMs,
      );
      this.#settle = ({ result, error }) => {
        clearTimeout(timer);
        this.#settle = undefined;
        if (error === undefined) resolve(result);
        else reject(new Error(error));
      };
    });
  }
}
