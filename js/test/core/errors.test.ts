/** What the errors of the client side tell beside their code. */
import { expect, it } from '@jest/globals';
import type { CallTimeout } from '../../src/core/call-timeout.js';
import {
  CallTimeoutError,
  CircuitOpenError,
  QueueFullError,
  WorkerExitedError,
} from '../../src/core/errors.js';

const worker = { pid: 7, inFlight: 1, startedAt: 0, served: 3 };
const TIMEOUT: CallTimeout = {
  ...{ clock: 'run', timeoutMs: 50, queued: 12 },
  phases: { queueMs: 3.14, runMs: 50.2, totalMs: 53.34 },
  workers: [
    { ...worker, state: 'busy' },
    { ...worker, state: 'busy' },
    { ...worker, state: 'starting' },
  ],
};

it('A timeout tells which clock ran out, where the time went, and who was busy', () => {
  expect(new CallTimeoutError('The call of "quote"', TIMEOUT).message).toBe(
    'The call of "quote" did not finish within 50 ms and is being stopped (timeoutMs). ' +
      'It waited 3.1 ms for a worker and ran 50 ms; 12 calls waited, workers: 2 busy, 1 starting.',
  );
});

it('One call is one call, not 1 calls', () => {
  const timeout = new CallTimeoutError('It', { ...TIMEOUT, queued: 1 });
  expect(timeout.message).toContain('; 1 call waited, workers:');
  expect(new QueueFullError(1).message).toMatch(/^The queue is full: 1 call is waiting /);
  expect(new QueueFullError(2).message).toMatch(/^The queue is full: 2 calls are waiting /);
});

it.each([
  ['queue', 'was not begun by a worker within 50 ms (queueTimeoutMs)'],
  ['total', 'did not finish within 50 ms of being made (totalTimeoutMs)'],
  ['idle', 'gave no sign of life for 50 ms and is being stopped (idleTimeoutMs)'],
] as const)('A timeout of the %s clock names its option', (clock, said) => {
  expect(new CallTimeoutError('It', { ...TIMEOUT, clock }).message).toContain(`It ${said}. `);
});

it('A timeout does not say that a call has not run where that is not known', () => {
  const timeout = { ...TIMEOUT, phases: { queueMs: 50, runMs: 0, totalMs: 50 }, maybeBegun: true };
  expect(new CallTimeoutError('It', { ...timeout, clock: 'queue' }).message).toContain(
    'It was not known to be begun by a worker within 50 ms (queueTimeoutMs). It waited 50 ms for a worker ' +
      'and ran 0 ms, as far as is known: one has it, and may have begun it; 12 calls waited',
  );
});

it('A timeout shows where Python was', () => {
  const pythonStack = 'Thread 0x1 (most recent call first):\n  File "main.py", line 3 in quote\n';
  const error = new CallTimeoutError('It', { ...TIMEOUT, pythonStack });
  expect(error.pythonStack).toBe(pythonStack);
  expect(error.message).toMatch(
    /\n\nPython was here:\nThread .*\n {2}File "main.py", line 3 in quote$/,
  );
});

it('A timeout shows none of our own frames, unless there are no others', () => {
  const ours = '  File "/a/synapse_worker/worker/calls.py", line 9 in _run\n';
  const idle = `Thread 0x1 (most recent call first):\n${ours}${ours}\n`;
  const busy = `Current thread 0x2 (most recent call first):\n  File "main.py", line 3 in quote\n${ours}`;
  const messageOf = (pythonStack: string): string =>
    new CallTimeoutError('It', { ...TIMEOUT, pythonStack }).message.split(
      '\n\nPython was here:\n',
    )[1] ?? '';
  expect(messageOf(idle + busy)).toBe(
    'Current thread 0x2 (most recent call first):\n  File "main.py", line 3 in quote',
  );
  expect(messageOf(busy + idle)).toBe(messageOf(busy));
  expect(messageOf(idle)).toBe(idle.trimEnd());
});

it('A call whose worker died may be made again when it certainly did not run', () => {
  const exit = { exitCode: null, signal: 'SIGKILL', stderrTail: '' };
  const told = { reason: 'out-of-memory', attempts: 3 } as const;
  const error = new WorkerExitedError('x', exit, { ...told, maybeExecuted: true });
  expect(error).toMatchObject({ ...told, signal: 'SIGKILL', retryable: false });
  expect(
    new WorkerExitedError('x', exit, { reason: 'killed', maybeExecuted: false }),
  ).toMatchObject({ retryable: true, attempts: 1 });
});

it('An open circuit says when to come again and quotes the last words of the last worker', () => {
  const error = new CircuitOpenError('21 workers ended within 10 s.', {
    retryAfterMs: 900,
    stderrTail: 'Segmentation fault',
  });
  expect(error).toMatchObject({ code: 'CIRCUIT_OPEN', retryable: true, retryAfterMs: 900 });
  expect(error.message).toBe(
    '21 workers ended within 10 s.\n\nLast lines of stderr:\nSegmentation fault',
  );
});
