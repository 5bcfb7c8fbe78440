/** Calls that only one worker can run. */
import { describe, expect, it } from '@jest/globals';
import { method } from '../../../../src/core/client/define-method.js';
import type { Home, MethodCall } from '../../../../src/core/client/module-runtime.js';
import type { PoolClient } from '../../../../src/node/connect/pool-client.js';
import { nativeClient } from '../../support/launch.js';
import { errorOf, eventually } from '../../support/waiting.js';

const HOMELESS = new Error('the worker has gone');

/** A call by hand; it resolves to its result and to the worker that gave it. */
async function call(
  client: PoolClient,
  name: string,
  args: readonly unknown[] = [],
  home?: Home,
  homeless: (cause?: unknown) => unknown = () => HOMELESS,
): Promise<{ value: unknown; home: Home }> {
  const request: MethodCall = {
    spec: method({ name, parameters: [] }),
    ...{ positionals: args, keywords: undefined, method: name, args, kwargs: {}, home },
    homeless,
    receive: (value, _, from) => ({ value, home: from }),
    drop: () => undefined,
    fail: (error: unknown) => error,
  };
  return (await client.request(request, {})) as { value: unknown; home: Home };
}

describe('A call that is bound to a worker', () => {
  it('runs there and nowhere else, however busy that one is', async () => {
    const client = await nativeClient({ workers: 3 });
    const first = await call(client, 'pid');
    const nap = call(client, 'nap', [0.2], first.home);
    const rest = await Promise.all([1, 2, 3].map(() => call(client, 'pid', [], first.home)));
    expect(rest.map(({ value }) => value)).toEqual([first.value, first.value, first.value]);
    expect((await nap).home).toBe(first.home);
  });

  it('does not hold up calls that any worker can run', async () => {
    const client = await nativeClient({ workers: 2 });
    const { home, value } = await call(client, 'pid');
    const nap = call(client, 'nap', [0.5], home);
    const waiting = call(client, 'pid', [], home);
    expect(await client.call('pid')).not.toBe(value);
    expect(client.workers.some(({ inFlight }) => inFlight > 0)).toBe(true);
    await Promise.all([nap, waiting]);
  });

  it('has its turn among calls that any worker can run, however many of those there are', async () => {
    const client = await nativeClient({ entrypoint: 'marks.py' });
    const { home } = await call(client, 'pid');
    const mark = ['/dev/null', 'a few milliseconds', 4];
    let others = 0;
    let isOver = false;
    const busy = Array.from({ length: 4 }, async () => {
      while (!isOver) {
        await client.call('mark', mark);
        others += 1;
      }
    });
    await eventually('it is known how long they take', () => others > 40);
    for (let n = 0; n < 10; n++) await call(client, 'mark', mark, home);
    isOver = true;
    await Promise.all(busy);
  });

  it('fails by the words of its caller when its worker has gone, begun or waiting', async () => {
    const client = await nativeClient({ workers: 2 });
    const { home } = await call(client, 'pid');
    const died = errorOf(call(client, 'die', [], home));
    const waiting = errorOf(call(client, 'pid', [], home));
    expect(await died).toMatchObject({ code: 'WORKER_EXITED' });
    expect(await waiting).toBe(HOMELESS);
    expect(await errorOf(call(client, 'pid', [], home))).toBe(HOMELESS);
    expect(await client.call('echo', ['others go on'])).toBe('others go on');
  });

  it('stays behind one that takes long, and hears that it had not begun when its worker dies there', async () => {
    const client = await nativeClient({ workers: 2 });
    const { home, value: pid } = await call(client, 'pid');
    const causes: unknown[] = [];
    const homeless = (cause?: unknown): Error => {
      causes.push(cause);
      return HOMELESS;
    };
    const workerAtHome = () => client.workers.find((worker) => worker.pid === pid);
    for (let isAhead = false; !isAhead; ) {
      // So many that what was slow before counts for nothing.
      for (const name of ['nap', 'echo']) {
        await Promise.all(Array.from({ length: 80 }, () => call(client, name, [0], home)));
      }
      const head = errorOf(call(client, 'nap', [0.5], home).then(() => Promise.reject('over')));
      const bound = errorOf(call(client, 'echo', [1], home, homeless).then(() => 'over'));
      isAhead = workerAtHome()?.inFlight === 2;
      // One that any worker can run has been taken back from there, or was never sent there.
      await client.call('nap', [0]);
      if (!isAhead) {
        await Promise.allSettled([head, bound]);
        continue;
      }
      expect(workerAtHome()?.inFlight).toBe(2);
      process.kill(pid as number, 'SIGKILL');
      expect(await head).toMatchObject({ code: 'WORKER_EXITED', maybeExecuted: true });
      expect(await bound).toBe(HOMELESS);
    }
    expect(causes).toMatchObject([{ code: 'WORKER_EXITED', maybeExecuted: false }]);
  });

  it('counts against the queue', async () => {
    const client = await nativeClient({ maxQueue: 1 });
    const { home } = await call(client, 'pid');
    const accepted = [call(client, 'nap', [0.1], home), call(client, 'pid', [], home)];
    const refused = await errorOf(call(client, 'pid', [], home));
    expect(refused).toMatchObject({ code: 'QUEUE_FULL' });
    await Promise.all(accepted);
  });

  it('is settled when the client is closed under it', async () => {
    const client = await nativeClient();
    const { home } = await call(client, 'pid');
    const calls = [call(client, 'nap', [60], home), call(client, 'pid', [], home)].map(errorOf);
    await eventually('the nap begins', () => client.workers[0]?.inFlight === 1);
    await client.terminate();
    expect((await Promise.all(calls)).map((error) => error.code ?? error.message)).toEqual([
      'CLOSED',
      HOMELESS.message,
    ]);
  });
});
