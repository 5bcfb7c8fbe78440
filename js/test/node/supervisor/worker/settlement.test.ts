/** Which calls of a worker that we killed, stuck in a call, go to another: with a process and a connection that are fakes. */
import { PassThrough } from 'node:stream';
import { afterEach, expect, it } from '@jest/globals';
import { ClosedError } from '../../../../src/core/errors.js';
import { FrameError, type SynapseError } from '../../../../src/core/protocol/errors.js';
import { CallLimits } from '../../../../src/node/supervisor/call/call-limits.js';
import type { CallPolicy } from '../../../../src/node/supervisor/call/call-policy.js';
import { Keepalive } from '../../../../src/node/supervisor/call/keepalive.js';
import { Task } from '../../../../src/node/supervisor/call/task.js';
import type { Connection, Dialect } from '../../../../src/node/supervisor/connection/connection.js';
import type {
  ProcessExit,
  ProcessHandle,
} from '../../../../src/node/supervisor/process/process-handle.js';
import { WorkEstimates } from '../../../../src/node/supervisor/worker/work-estimate.js';
import { Worker } from '../../../../src/node/supervisor/worker/worker.js';
import type { OpenPipes } from '../../../../src/node/transport/pipes.js';
import { FakeTime } from '../../support/fake-time.js';

const POLICY: CallPolicy = {
  ...{ queueMs: 0, runMs: 0, totalMs: 0, idleMs: 0 },
  ...{ priority: 0, idempotent: undefined, retries: 0 },
};

class Call extends Task<Connection> {
  readonly id = 1;
  readonly #serial: boolean;

  constructor(method: string, serial: boolean) {
    super(method, POLICY, undefined);
    this.#serial = serial;
  }

  protected override send(): void {}

  override isSerial(): boolean {
    return this.#serial;
  }

  protected override deliverError(): void {}

  answered(): void {
    this.ended();
  }
}

const GRACE_MS = 20;

const connection: Connection = {
  ...{ congested: false, receivedBytes: 0, unfinishedBytes: 0 },
  ...{ drain: () => undefined, close: () => undefined },
};

/** A dialect whose connection ends, when `lose` is called, for that reason. */
function fakeDialect(): Dialect<Connection> & { lose(reason: SynapseError): void } {
  let lose: (reason: SynapseError) => void = () => undefined;
  return {
    name: 'native',
    cancellable: true,
    open(_transport, { onClosed }) {
      lose = onClosed;
      return { ...connection, close: (reason) => reason !== undefined && onClosed(reason) };
    },
    ready: () => Promise.resolve(),
    unbegun: () => false,
    crashError: () => undefined,
    lose: (reason) => lose(reason),
  };
}

/** A process that ends when it is killed, its connection before it. */
function fakeProcess(onEnd: () => void): ProcessHandle {
  let end!: (exit: ProcessExit) => void;
  const exited = new Promise<ProcessExit>((resolve) => {
    end = resolve;
  });
  const pipes = {
    transport: {},
    cancel: { write: () => true, close: () => undefined },
  } as unknown as OpenPipes;
  return {
    pid: undefined,
    exited,
    channels: Promise.resolve({
      control: { input: new PassThrough(), output: new PassThrough() },
      pipes,
    }),
    stderrTail: '',
    noteStderr: () => undefined,
    signal: () => undefined,
    kill: () => {
      onEnd();
      end({ exitCode: null, signal: 'SIGKILL', stderrTail: '' });
    },
    end: () => exited,
    ledger: undefined,
    openLedger: () => false,
    openStackDump: () => false,
    noteLoop: () => undefined,
    readStack: () => Promise.resolve(undefined),
  };
}

const keepalive = new Keepalive();
afterEach(() => keepalive.dispose());

const failing = (syscall: string) => Object.assign(new Error('It failed.'), { syscall });
const IN_ORDER = new ClosedError('It has ended.');
const BESIDE = 'behind one that another has got stuck beside';
const STUCK = 'behind the call it is stuck in';

it.each([
  [STUCK, true, IN_ORDER, ['serial'], ['concurrent']],
  [BESIDE, false, IN_ORDER, [], ['concurrent', 'serial']],
  // It ended with something unread: that is said when all has been read that it wrote itself.
  [STUCK, true, new ClosedError('', failing('read')), ['serial'], ['concurrent']],
  // What it wrote last was not read, and may have been the answer of the call that seems stuck.
  [STUCK, true, new ClosedError('', failing('write')), [], ['concurrent', 'serial']],
  [STUCK, true, new FrameError('FRAME_TRUNCATED', ''), [], ['concurrent', 'serial']],
  [STUCK, true, undefined, [], ['concurrent', 'serial']],
])('Of the calls %s (%#)', async (_, serial, lostBy, moved, failed) => {
  const dialect = fakeDialect();
  const start = () => fakeProcess(() => lostBy && dialect.lose(lostBy));
  const time = new FakeTime();
  const estimates = new WorkEstimates();
  for (const method of ['stuck', 'head', 'serial']) estimates.observe(method, 0);
  let exited!: (unbegun: string[]) => void;
  const outcome = new Promise<string[]>((resolve) => {
    exited = resolve;
  });
  const worker = new Worker<Connection>(
    {
      source: {
        ...{ begin: () => undefined, start },
        ...{ close: () => Promise.resolve(), zygote: { state: 'off' } },
      },
      ...{ dialect, channel: 'auto', name: 'fake', startTimeoutMs: 1000, graceMs: GRACE_MS },
      ...{ time, estimates, onLog: () => undefined },
      callLimits: new CallLimits({
        concurrency: Number.POSITIVE_INFINITY,
        methods: new Map(),
        onRoom: () => undefined,
      }),
    },
    {
      onRoom: () => undefined,
      onRetired: () => undefined,
      onRefused: () => undefined,
      onReleased: () => undefined,
      onExited: (_worker, unbegun, lost) => {
        exited(unbegun.map(({ method }) => method));
        lostCalls.push(...lost.map(({ task }) => task.method));
      },
    },
  );
  const lostCalls: string[] = [];
  await worker.boot();
  const stuck = new Call('stuck', serial);
  const heads = serial ? [] : [new Call('head', true), new Call('head', true)];
  for (const call of [stuck, ...heads, new Call('serial', true), new Call('concurrent', false)]) {
    call.accept({
      ...{ keepalive, observer: undefined, queued: 0, sentAhead: 0, workers: [] },
      taskSettled: () => undefined,
    });
    worker.assign(call);
  }
  const [first, second] = heads;
  first?.giveUp(new Error('given up'));
  stuck.giveUp(new Error('given up'));
  first?.answered();
  // It has its own grace, which is not over yet when the worker has to be killed.
  time.pass(GRACE_MS / 4);
  second?.giveUp(new Error('given up'));
  time.pass(GRACE_MS);
  expect(await outcome).toEqual(moved);
  expect(lostCalls.sort()).toEqual(failed);
});
