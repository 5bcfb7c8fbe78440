/** Waits for a worker to take calls, for no longer than it may take, and no longer than it lives. */
import { SynapseError } from '../../../core/protocol/errors.js';
import { startTimer } from '../timer.js';

export interface StartRace<T> {
  readonly opened: Promise<T>;
  readonly exited: Promise<unknown>;
  readonly limitMs: number;
  /** Told when the time is over, before the start fails for it. */
  readonly onTooLate: () => void;
}

/** @throws {SynapseError} `MODULE_START_FAILED` when it ends, or takes too long */
export async function raceStart<T>({
  opened,
  exited,
  limitMs,
  onTooLate,
}: StartRace<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const expire = (): void => {
      onTooLate();
      reject(startFailed(`It took longer than ${limitMs} ms.`));
    };
    timer = startTimer(limitMs, expire)?.unref();
  });
  const ended = exited.then((): never => {
    throw startFailed('The process ended.');
  });
  try {
    return await Promise.race([opened, tooLate, ended]);
  } finally {
    clearTimeout(timer);
  }
}

function startFailed(message: string): SynapseError {
  return new SynapseError('MODULE_START_FAILED', message);
}
