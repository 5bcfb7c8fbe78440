/**
 * Reads how much memory a worker has, once a second, and tells when that is more than it may have.
 * The worker itself counts, not its children. Only where there is a `/proc` (Linux).
 */
import { readFileSync } from 'node:fs';
import { systemTime, type Time, type Timer } from '../time.js';

const INTERVAL_MS = 1000;

export interface MemoryWatchOptions {
  readonly pid: number;
  /** `Infinity`: only read. */
  readonly limitBytes: number;
  /** It has more than the limit; told once. */
  readonly onExceeded: (bytes: number) => void;
  /** Resident bytes of a process; undefined where that cannot be had. */
  readonly read?: (pid: number) => number | undefined;
  readonly time?: Time;
}

export class MemoryWatch {
  readonly #options: MemoryWatchOptions;
  readonly #time: Time;
  #timer: Timer | undefined;
  #bytes: number | undefined;

  constructor(options: MemoryWatchOptions) {
    this.#options = options;
    this.#time = options.time ?? systemTime;
    this.#look();
  }

  /** The last reading. */
  get bytes(): number | undefined {
    return this.#bytes;
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  readonly #look = (): void => {
    const { pid, limitBytes, onExceeded, read = residentBytes } = this.#options;
    const bytes = read(pid);
    if (bytes === undefined) return;
    this.#bytes = bytes;
    if (bytes > limitBytes) onExceeded(bytes);
    else this.#timer = this.#time.after(INTERVAL_MS, this.#look);
  };
}

/** Resident memory of a process, as the kernel has it. */
export function residentBytes(pid: number): number | undefined {
  try {
    const kibibytes = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
    return kibibytes === null ? undefined : Number(kibibytes[1]) * 1024;
  } catch {
    return undefined;
  }
}
