/** What a call that runs out of time does to its caller, its worker and its pool, with fakes of all three. */
import { afterEach, describe, expect, it } from '@jest/globals';
import type { WorkerStatus } from '../../../../src/core/worker-status.js';
import type { CallPolicy } from '../../../../src/node/supervisor/call/call-policy.js';
import { Task, type TaskOwner } from '../../../../src/node/supervisor/call/task.js';
import type { Connection } from '../../../../src/node/supervisor/connection/connection.js';
import { FakeHost } from '../../support/fake-host.js';
import { errorOf, eventually } from '../../support/waiting.js';

const POLICY: CallPolicy = {
  ...{ queueMs: 0, runMs: 0, totalMs: 0, idleMs: 0 },
  ...{ priority: 0, idempotent: undefined, retries: 0 },
};

const BUSY: WorkerStatus = { ...{ pid: 1, state: 'busy', inFlight: 3 }, startedAt: 0, served: 3 };

class Call extends Task<Connection> {
  readonly id = 1;
  readonly answer: Promise<unknown>;
  #resolve!: (value: unknown) => void;
  #reject!: (error: unknown) => void;

  constructor(policy: Partial<CallPolicy>) {
    super('method', { ...POLICY, ...policy }, undefined);
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.answer.catch(() => undefined);
  }

  protected override send(): void {}

  override isSerial(): boolean {
    return true;
  }

  protected override deliverError(error: unknown): void {
    this.#reject(error);
  }

  /** The worker answers. */
  answered(value: unknown): void {
    this.ended();
    if (this.complete()) this.#resolve(value);
  }
}

class Owner implements TaskOwner<Connection> {
  readonly connection = {} as Connection;
  readonly pid = 4711;
  readonly told: string[] = [];
  /** Told of a call that was sent ahead and waited too long; whether anything is known of it. */
  onWithdraw: (task: Task) => boolean = () => false;
  /** Told to find out whether a call that was sent ahead is begun. */
  onCheck: (task: Task) => void = () => undefined;
  dumped: ((stack: string | undefined) => void) | undefined;

  taskEnded(): void {
    this.told.push('ended');
  }

  taskAbandoned(): void {
    this.told.push('abandoned');
  }

  taskRefused(): boolean {
    return true;
  }

  taskWaits(): void {}

  checkBegun(task: Task): void {
    this.onCheck(task);
  }

  withdraw(task: Task): boolean {
    return this.onWithdraw(task);
  }

  readStack(): Promise<string | undefined> {
    this.told.push('asked for its stack');
    return new Promise((resolve) => {
      this.dumped = resolve;
    });
  }
}

const hosts: FakeHost[] = [];
afterEach(() => {
  for (const { keepalive } of hosts.splice(0)) keepalive.dispose();
});

function running(policy: Partial<CallPolicy>) {
  const call = new Call(policy);
  const owner = new Owner();
  const host = new FakeHost();
  hosts.push(host);
  expect(call.accept(host)).toBe(true);
  call.begin(owner);
  call.started(performance.now());
  return { call, owner, host };
}

describe('A call that runs out of time at work', () => {
  it('has its stack read before it is stopped, and is told when that is there', async () => {
    const { call, owner, host } = running({ runMs: 5 });
    await eventually('it expired', () => owner.told.length > 0);
    expect(owner.told).toEqual(['asked for its stack', 'abandoned']);
    expect([call.settled, host.settled]).toEqual([true, 0]);
    owner.dumped?.('File "main.py", line 1 in method');
    const error = await errorOf(call.answer);
    expect(error).toMatchObject({ code: 'CALL_TIMEOUT', clock: 'run', queued: 3 });
    expect(error.pythonStack).toBe('File "main.py", line 1 in method');
    expect(host.settled).toBe(1);
  });

  it('has not been idle while functions of its caller ran', async () => {
    const { call, owner } = running({ idleMs: 20 });
    let finish = (): void => undefined;
    const callback = call.runCallback(
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );
    await call.runCallback(() => undefined);
    const other = running({ idleMs: 40 });
    await eventually('one without them expired', () => other.owner.told.length > 0);
    expect(owner.told).toEqual([]);
    finish();
    await callback;
    await eventually('its silence counts again', () => owner.told.includes('abandoned'));
  });

  it('stays so, though its answer comes in the meantime', async () => {
    const { call, owner, host } = running({ totalMs: 5 });
    await eventually('it expired', () => owner.told.includes('abandoned'));
    call.answered('too late');
    expect(owner.told.at(-1)).toBe('ended');
    expect(host.settled).toBe(0);
    owner.dumped?.(undefined);
    expect(await errorOf(call.answer)).toMatchObject({ clock: 'total', pythonStack: undefined });
    expect(host.settled).toBe(1);
  });

  it('is settled once, whatever else goes wrong with it', async () => {
    const { call, owner, host } = running({ runMs: 5 });
    await eventually('it expired', () => owner.told.includes('abandoned'));
    call.takenBack();
    call.fail(new Error('the worker has died, too'));
    owner.dumped?.(undefined);
    expect((await errorOf(call.answer)).code).toBe('CALL_TIMEOUT');
    expect(host.settled).toBe(1);
  });

  it('does not run out of it when it has been answered', async () => {
    const { call, owner } = running({ runMs: 20, totalMs: 20, idleMs: 20 });
    call.answered(1);
    const later = new Call({ queueMs: 60 });
    const host = new FakeHost();
    hosts.push(host);
    later.accept(host);
    // By then its own clocks would have run out.
    expect((await errorOf(later.answer)).clock).toBe('queue');
    expect(await call.answer).toBe(1);
    expect(owner.told).toEqual(['ended']);
  });
});

describe('A call that runs out of time in the queue', () => {
  it('is told at once: there is nothing to read, and nobody to stop', async () => {
    const call = new Call({ queueMs: 5, runMs: 1 });
    const host = new FakeHost();
    hosts.push(host);
    call.accept(host);
    const error = await errorOf(call.answer);
    expect(error).toMatchObject({ clock: 'queue', timeoutMs: 5, phases: { runMs: 0 } });
    expect(host.settled).toBe(1);
  });
});

describe('A call whose worker has died', () => {
  it('is not told that it waited while it ran there', async () => {
    const { call } = running({ totalMs: 20 });
    call.submittedAt -= 1000;
    call.startedAt -= 900;
    call.takenBack();
    const { phases } = await errorOf(call.answer);
    expect(phases.runMs).toBeGreaterThanOrEqual(900);
    expect(phases.queueMs + phases.runMs).toBeCloseTo(phases.totalMs);
  });

  it('can run again unless what went with it has been used up', () => {
    const call = new Call({});
    expect(call.retryable).toBe(true);
    call.sentReferences = true;
    expect(call.retryable).toBe(false);
  });
});

/** One that a worker has, behind others. */
function ahead(policy: Partial<CallPolicy>) {
  const call = new Call(policy);
  const owner = new Owner();
  const host = Object.assign(new FakeHost(), { queued: 1, sentAhead: 2, workers: [BUSY] });
  hosts.push(host);
  call.accept(host);
  call.begin(owner);
  return { call, owner, host };
}

/** Waits until the queue clock of one runs out whose worker knows what it has begun. */
async function overdue(policy: Partial<CallPolicy>) {
  const sent = ahead({ queueMs: 5, ...policy });
  await new Promise<void>((resolve) => {
    sent.owner.onWithdraw = () => {
      resolve();
      return true;
    };
  });
  expect([sent.call.settled, sent.call.isOverdue]).toEqual([false, true]);
  return sent;
}

describe('A call that runs out of time in a worker that has not come to it', () => {
  it('is told how many waited there, too', async () => {
    const { call, owner } = await overdue({});
    call.takenBack(false);
    const error = await errorOf(call.answer);
    expect(owner.told).toEqual([]);
    expect(error).toMatchObject({ clock: 'queue', queued: 3 });
    expect(error.message).toContain('was not begun by a worker within 5 ms (queueTimeoutMs)');
    expect(error.message).toContain('3 calls waited (2 inside a worker, behind others), workers:');
  });

  it('waits no more once that has begun it: its run counts from then on', async () => {
    const { call, owner } = await overdue({ runMs: 30 });
    const at = performance.now();
    call.started(at);
    await eventually('its run took too long', () => owner.told.includes('abandoned'));
    expect(performance.now() - at).toBeGreaterThanOrEqual(29);
    owner.dumped?.(undefined);
    expect(await errorOf(call.answer)).toMatchObject({ clock: 'run', timeoutMs: 30 });
  });

  it('gets the answer of one that had begun it, whatever becomes known first', async () => {
    const { call } = await overdue({});
    call.answered('in time');
    expect(await call.answer).toBe('in time');
  });

  it('waits anew when that may have begun it and died', async () => {
    const { call, host } = await overdue({});
    const at = performance.now();
    call.takenBack();
    const error = await errorOf(call.answer);
    expect(performance.now() - at).toBeGreaterThanOrEqual(4);
    expect(error).toMatchObject({ clock: 'queue', timeoutMs: 5 });
    expect(host.settled).toBe(1);
  });

  it('can run out of all its time before it is known', async () => {
    const { call, owner } = await overdue({ totalMs: 20 });
    expect(await errorOf(call.answer)).toMatchObject({ clock: 'total', phases: { runMs: 0 } });
    expect(owner.told).toEqual(['abandoned']);
    call.takenBack(false);
  });

  it('is not told that it was not begun where nobody knows, and is stopped', async () => {
    const { call, owner } = ahead({ queueMs: 5 });
    const error = await errorOf(call.answer);
    expect(error).toMatchObject({ clock: 'queue', phases: { runMs: 0 } });
    expect(error.message).toContain('was not known to be begun by a worker within 5 ms');
    expect(error.message).toContain('may have begun it');
    expect(owner.told).toEqual(['abandoned']);
  });

  it('all in all is told where Python is if that has begun it', async () => {
    const { call, owner } = ahead({ totalMs: 5 });
    owner.onCheck = (task) => task.started(performance.now());
    await eventually('it expired', () => owner.told.length > 0);
    expect(owner.told).toEqual(['asked for its stack', 'abandoned']);
    owner.dumped?.('in method');
    const error = await errorOf(call.answer);
    expect(error).toMatchObject({ clock: 'total', pythonStack: 'in method' });
    expect(error.message).not.toContain('as far as is known');
  });
});
