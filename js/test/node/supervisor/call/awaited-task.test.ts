/** What becomes of the caller of a task, with fakes of its pool and its worker. */
import { afterEach, describe, expect, it } from '@jest/globals';
import type { AbortSignalLike } from '../../../../src/core/client/client.js';
import { AwaitedTask } from '../../../../src/node/supervisor/call/awaited-task.js';
import type { CallPolicy } from '../../../../src/node/supervisor/call/call-policy.js';
import type { TaskHost } from '../../../../src/node/supervisor/call/task-host.js';
import { FakeHost } from '../../support/fake-host.js';
import { uncaughtIn } from '../../support/uncaught.js';

const POLICY: CallPolicy = {
  ...{ queueMs: 0, runMs: 0, totalMs: 0, idleMs: 0 },
  ...{ priority: 0, idempotent: undefined, retries: 0 },
};

/** Writes down what its caller and its worker are told. */
class Awaited extends AwaitedTask<Awaited> {
  readonly told: string[] = [];
  override owner: object | undefined;

  constructor(signal?: AbortSignalLike) {
    super('method', POLICY, signal);
  }

  submit(host: TaskHost): void {
    this.submittedTo(host);
    this.listen();
  }

  answer(): boolean {
    return this.complete();
  }

  async left(begun: boolean): Promise<void> {
    await this.leave(begun);
    this.told.push('caller: has left');
  }

  protected override deliverError(error: unknown): void {
    this.told.push(`caller: ${(error as Error).message}`);
  }

  protected override abandon(): void {
    this.told.push('worker: stop');
  }
}

const hosts: FakeHost[] = [];
afterEach(() => {
  for (const { keepalive } of hosts.splice(0)) keepalive.dispose();
});

function submitted(signal?: AbortSignalLike) {
  const task = new Awaited(signal);
  const host = new FakeHost();
  hosts.push(host);
  task.submit(host);
  return { task, host };
}

describe('The caller of a task', () => {
  it('is answered once, whatever comes later', () => {
    const { task, host } = submitted();
    expect(task.answer()).toBe(true);
    expect(task.answer()).toBe(false);
    task.fail(new Error('too late'));
    expect([task.told, task.settled, host.settled]).toEqual([[], true, 1]);
  });

  it('who gives it up is told before its worker is, and not again when that has stopped', () => {
    const { task, host } = submitted();
    task.giveUp(new Error('enough'));
    task.fail(new Error('stopped'));
    expect(task.told).toEqual(['caller: enough', 'worker: stop']);
    expect(host.settled).toBe(1);
  });
});

describe('The signal of a task', () => {
  it('gives it up when it is aborted', () => {
    const controller = new AbortController();
    const { task } = submitted(controller.signal);
    expect(task.settled).toBe(false);
    controller.abort();
    expect(task.told).toEqual([expect.stringContaining('"method" was cancelled'), 'worker: stop']);
  });

  it('settles it at once if it is aborted already', () => {
    const { task, host } = submitted(AbortSignal.abort());
    expect([task.settled, host.settled]).toEqual([true, 1]);
  });

  it('is listened to no longer than its caller waits', () => {
    const heard: string[] = [];
    const signal: AbortSignalLike = {
      aborted: false,
      reason: undefined,
      addEventListener: (type) => heard.push(`on ${type}`),
      removeEventListener: (type) => heard.push(`off ${type}`),
    };
    const { task } = submitted(signal);
    expect(heard).toEqual(['on abort']);
    task.answer();
    expect(heard).toEqual(['on abort', 'off abort']);
  });

  it('fails it if it is none that can be listened to', () => {
    const { task } = submitted({ aborted: false } as AbortSignalLike);
    expect(task.told).toEqual([expect.stringContaining('addEventListener is not a function')]);
  });
});

describe('A caller that leaves', () => {
  it('waits until its worker has let it go, and so does the pool', async () => {
    const { task, host } = submitted();
    task.owner = {};
    const left = task.left(true);
    expect([task.settled, host.settled, task.told]).toEqual([true, 0, ['worker: stop']]);
    expect(host.keepalive.count).toBe(1);
    task.fail(new Error('stopped'));
    task.letGo();
    task.letGo();
    await left;
    expect(task.told).toEqual(['worker: stop', 'caller: has left']);
    expect([host.settled, host.keepalive.count]).toEqual([1, 0]);
  });

  it.each([
    ['no worker has it', undefined, true],
    ['nothing of it was begun', {}, false],
  ])('is gone at once where %s', async (_, owner, begun) => {
    const { task, host } = submitted();
    task.owner = owner;
    const left = task.left(begun);
    expect(host.settled).toBe(1);
    await left;
    expect(task.told).toEqual(['worker: stop', 'caller: has left']);
  });

  it('leaves nothing behind when it has been answered', async () => {
    const { task, host } = submitted();
    task.owner = {};
    task.answer();
    await task.left(true);
    expect(task.told).toEqual(['caller: has left']);
    expect(host.settled).toBe(1);
  });

  it('has its answer though its signal throws when it is let go of', async () => {
    const failure = new Error('not mine to remove');
    const { task, host } = submitted({
      aborted: false,
      reason: undefined,
      addEventListener: () => undefined,
      removeEventListener: () => {
        throw failure;
      },
    });
    expect(await uncaughtIn(() => task.fail(new Error('lost')))).toEqual([failure]);
    expect([task.told, task.settled, host.settled]).toEqual([['caller: lost'], true, 1]);
  });
});
