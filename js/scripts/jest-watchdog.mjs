// Jest's last resort, a reporter: a test file that never ends is named and ends the run, and so does whatever keeps
// Jest from exiting behind the last one.
//
// Jest's own bound of a test and of a hook needs an event loop that turns, and covers nothing outside of them. So this
// one is kept on a thread: the loop may stand still, the rules of the tests' fake clocks do not reach it.
import { writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

/** How long one file may take: a multiple of what the longest takes on a slow machine. */
const FILE_MS = Number(process.env.JEST_WATCHDOG_MS ?? 900_000);
/** How long Jest may take to exit after its last file; it clears away first. */
const EXIT_MS = Number(process.env.JEST_WATCHDOG_EXIT_MS ?? 120_000);

/** Tells the thread what begins and what ends. Jest calls these methods. */
export default class JestWatchdog {
  #thread = new Worker(fileURLToPath(import.meta.url));
  #stays;

  constructor({ watch, watchAll }) {
    this.#stays = watch || watchAll;
    this.#thread.unref();
  }

  onTestFileStart({ path }) {
    this.#thread.postMessage({ began: path });
  }

  onTestFileResult({ path }) {
    this.#thread.postMessage({ ended: path });
  }

  onRunComplete() {
    if (this.#stays) return;
    this.#thread.postMessage({ began: 'Jest, whose last test has ended,', withinMs: EXIT_MS });
  }
}

function watch() {
  const timers = new Map();
  const end = (name, ms) => {
    writeSync(2, `\n${name} did not end within ${ms / 1000} s: the run is given up\n`);
    // Nothing else ends a process whose event loop stands still.
    process.kill(process.pid, 'SIGKILL');
  };
  parentPort.on('message', ({ began, ended, withinMs = FILE_MS }) => {
    if (began !== undefined) timers.set(began, setTimeout(end, withinMs, began, withinMs));
    else clearTimeout(timers.get(ended));
  });
}

if (!isMainThread) watch();
