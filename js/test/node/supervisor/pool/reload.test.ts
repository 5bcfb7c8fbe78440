import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { PoolClient } from '../../../../src/node/connect/pool-client.js';
import { EditedModule, edition } from '../../support/edited-module.js';
import { nativeClient, specOf } from '../../support/launch.js';
import { errorOf, eventually, isAlive, linesOf } from '../../support/waiting.js';

const pidsOf = (client: PoolClient): (number | undefined)[] =>
  client.workers.filter(({ state }) => state === 'ready').map(({ pid }) => pid);

const starts = (module: EditedModule): string[] => linesOf(join(module.folder, 'starts'));

describe('A reload', () => {
  it('replaces every worker of a pool, and ends those it replaced', async () => {
    const module = new EditedModule();
    const client = await module.start({ workers: 3 });
    const before = pidsOf(client);
    module.save(edition(2));
    await client.reload();
    const after = pidsOf(client);
    expect(after).toHaveLength(3);
    expect(after.filter((pid) => before.includes(pid))).toEqual([]);
    expect(await Promise.all([1, 2, 3].map(() => client.call('edition')))).toEqual([2, 2, 2]);
    await eventually('the old ones are gone', () => client.workers.length === 3);
    expect(before.filter((pid) => isAlive(pid as number))).toEqual([]);
  });

  it('lets the old worker finish what it runs, and gives what waits to the new one', async () => {
    const module = new EditedModule();
    const client = await module.start();
    const go = join(module.folder, 'go');
    let begun = false;
    const onProgress = (): void => {
      begun = true;
    };
    const running = client.call('once_there', [go], {}, { onProgress });
    await eventually('the call runs', () => begun);
    const waiting = [client.call('edition'), client.call('edition')];
    expect(client.queued).toBe(2);
    module.save(edition(2));
    await client.reload();
    expect(await Promise.all(waiting)).toEqual([2, 2]);
    writeFileSync(go, '');
    expect(await running).toBe(1);
  });

  it('goes on with a stream where it was opened', async () => {
    const module = new EditedModule();
    const client = await module.start();
    const [old] = pidsOf(client);
    let reloaded = false;
    for await (const item of client.stream<number>('endless')) {
      expect(item).toBe(1);
      if (reloaded) break;
      module.save(edition(2));
      await client.reload();
      reloaded = true;
      expect(await client.call('edition')).toBe(2);
      expect(isAlive(old as number)).toBe(true);
    }
    await eventually('the old worker ends with its stream', () => !isAlive(old as number));
  });

  it('loses no call of a client that never pauses', async () => {
    const module = new EditedModule();
    const client = await module.start({ workers: 2 });
    let newest = 1;
    let done = false;
    const answers = new Set<unknown>();
    const callers = Array.from({ length: 8 }, async () => {
      while (!done) answers.add(await client.call('edition'));
    });
    for (const number of [2, 3]) {
      module.save(edition(number));
      await client.reload();
      newest = number;
    }
    done = true;
    await Promise.all(callers);
    expect(answers).toContain(1);
    expect(await client.call('edition')).toBe(newest);
  });

  it('that cannot start the new code leaves the workers there are, and says where it is wrong', async () => {
    const module = new EditedModule();
    const client = await module.start({ workers: 2 });
    const before = pidsOf(client);
    module.save(edition(2, 'def broken(:\n'));
    const error = await errorOf(client.reload());
    expect(error).toMatchObject({
      name: 'ModuleStartError',
      details: { file: join(module.folder, 'main.py'), line: 9 },
    });
    expect(error.message).toContain('SyntaxError');
    expect(pidsOf(client)).toEqual(before);
    expect(client.workers).toHaveLength(2);
    expect(await client.call('edition')).toBe(1);
    module.save(edition(3));
    await client.reload();
    expect(await client.call('edition')).toBe(3);
  });

  it('tries code that cannot start once, however many workers there are', async () => {
    const module = new EditedModule();
    const client = await module.start({ workers: 3, zygote: false });
    module.save(edition(2, 'raise RuntimeError("no model")\n'));
    await errorOf(client.reload());
    expect(starts(module)).toHaveLength(4);
  });

  it('serves the requests made while it runs together', async () => {
    const module = new EditedModule();
    const client = await module.start();
    module.save(edition(2));
    const reloads = [client.reload(), client.reload(), client.reload()];
    await eventually('one has started', () => starts(module).length > 1);
    reloads.push(client.reload());
    await Promise.all(reloads);
    expect(starts(module).length).toBeLessThan(5);
    expect(client.workers.filter(({ state }) => state === 'ready')).toHaveLength(1);
    expect(await client.call('edition')).toBe(2);
  });

  it('is not held up by older code that never comes to its end', async () => {
    const module = new EditedModule();
    const client = await module.start();
    module.save(edition(2, 'while True: time.sleep(1)\n'));
    const first = client.reload();
    await eventually('the new code is stuck', () => starts(module).length === 2);
    module.save(edition(3));
    const second = client.reload();
    await Promise.all([first, second]);
    expect(await client.call('edition')).toBe(3);
    const stuck = Number(starts(module)[1]);
    await eventually('the stuck worker is gone', () => !isAlive(stuck));
  });

  it('ends with the client, and leaves nothing behind', async () => {
    const module = new EditedModule();
    const client = await module.start();
    module.save(edition(2, 'while True: time.sleep(1)\n'));
    const reload = client.reload();
    await eventually('it runs', () => starts(module).length === 2);
    await client.close();
    await reload;
    expect(starts(module).filter((pid) => isAlive(Number(pid)))).toEqual([]);
  });

  it('of a closed client does nothing', async () => {
    const module = new EditedModule();
    const client = await module.start();
    const closing = client.close();
    await client.reload();
    await closing;
    await client.reload();
    expect(starts(module)).toHaveLength(1);
  });

  it('brings a client back whose workers could no longer start', async () => {
    const module = new EditedModule();
    const client = await module.start({ zygote: false });
    module.save(edition(2, 'raise RuntimeError("no model")\n'));
    await errorOf(client.reload());
    await errorOf(client.call('die'));
    expect((await errorOf(client.call('edition'))).message).toContain('no model');
    module.save(edition(3));
    await client.reload();
    expect(client.workers).toHaveLength(1);
    expect(await client.call('edition')).toBe(3);
  });

  it('that fails leaves the code from before in memory, where workers are forked', async () => {
    const module = new EditedModule();
    const client = await module.start({ workers: 2, zygote: true });
    module.save(edition(2, 'raise RuntimeError("no model")\n'));
    await errorOf(client.reload());
    await errorOf(client.call('die'));
    await errorOf(client.call('die'));
    if (client.stats().zygote.state === 'ready') {
      expect(await client.call('edition')).toBe(1);
      // One import by the zygote before the edit, one by that after it.
      expect(starts(module)).toHaveLength(2);
    }
    module.save(edition(3));
    await client.reload();
    expect(await client.call('edition')).toBe(3);
  });

  it('tells of every worker that took the place of another', async () => {
    const client = await nativeClient({ workers: 2 });
    const replaced: object[] = [];
    client.onReplaced = (home) => replaced.push(home);
    await client.reload();
    expect(new Set(replaced).size).toBe(2);
    await errorOf(client.call('die'));
    await eventually('the replacement is told', () => replaced.length === 3);
  });

  it('starts workers another way when it is told to, for good only once that has worked', async () => {
    const client = await nativeClient();
    const error = await errorOf(client.reload(specOf('broken')));
    expect(error.code).toBe('MODULE_START_FAILED');
    await errorOf(client.call('die'));
    expect(await client.call('echo', ['alive'])).toBe('alive');
    const module = new EditedModule();
    await client.reload(module.spawn);
    await errorOf(client.call('die'));
    expect(await client.call('edition')).toBe(1);
  });

  it('gives what waits its error when it cannot start and no worker is left', async () => {
    const module = new EditedModule();
    const client = await module.start();
    const go = join(module.folder, 'go');
    const wait = `while not os.path.exists(${JSON.stringify(go)}): time.sleep(0.005)\n`;
    module.save(edition(2, `${wait}raise RuntimeError("no model")\n`));
    const reload = errorOf(client.reload());
    await eventually('it runs', () => starts(module).length === 2);
    await errorOf(client.call('die'));
    const waiting = errorOf(client.call('edition'));
    writeFileSync(go, '');
    expect((await reload).message).toContain('no model');
    expect((await waiting).message).toContain('no model');
  });

  it('does not count against the workers: many that fail slow no replacement down', async () => {
    const module = new EditedModule();
    const client = await module.start({ zygote: false });
    for (let n = 0; n < 6; n++) {
      module.save(edition(2, 'raise RuntimeError("no model")\n'));
      await errorOf(client.reload());
    }
    module.save(edition(3));
    const [pid] = pidsOf(client);
    process.kill(pid as number, 'SIGKILL');
    // Nobody calls: it is replaced all the same.
    await eventually('there is another', () =>
      client.workers.some((worker) => worker.state === 'ready' && worker.pid !== pid),
    );
    expect(await client.call('edition')).toBe(3);
  });
});
