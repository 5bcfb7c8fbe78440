// A client from connect() to its end: closing, configuration, dialects, and where the module runs.
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Client, Synapse } from 'synapse-worker';
import { connect } from '../support/connect.js';
import { isAlive } from '../support/processes.js';
import { copyOfModule, linesOf, sharedModule } from '../support/scratch.js';
import { errorOf, eventually, timed, within } from '../support/waiting.js';

const native = sharedModule('native');
const open: Client[] = [];
const opened = async (...args: Parameters<typeof connect>): Promise<Client> => {
  const client = await connect(...args);
  open.push(client);
  return client;
};
afterEach(() => Promise.all(open.splice(0).map((client) => client.terminate())));

describe('close()', () => {
  it('lets what runs finish, then ends the worker', async () => {
    const client = await opened(native);
    const pid = await client.call<number>('pid');
    const running = [client.call('nap', [0.2]), client.call('async_nap', [0.2])];
    await client.close();
    expect(await Promise.all(running)).toEqual(['rested', 'rested']);
    expect(isAlive(pid)).toBe(false);
  });

  it('runs the teardown hook', async () => {
    const directory = copyOfModule('native');
    const client = await opened(directory);
    const pid = await client.call<number>('pid');
    await client.close();
    expect(linesOf(join(directory, 'teardown.txt'))).toContain(String(pid));
  });

  it('refuses calls from then on', async () => {
    const client = await opened(native);
    const closing = client.close();
    expect((await errorOf((async () => client.call('pid'))())).code).toBe('CLOSED');
    await closing;
    expect((await errorOf((async () => client.call('pid'))())).code).toBe('CLOSED');
    const late = (async () => client.stream('x')[Symbol.asyncIterator]().next())();
    expect((await errorOf(late)).code).toBe('CLOSED');
  });

  it('may be called again and again, also at once, also after terminate()', async () => {
    const client = await opened(native);
    await Promise.all([client.close(), client.close(), client.terminate()]);
    await client.close();
    await client.terminate();
  });

  it('is prompt while a worker is being replaced', async () => {
    const client = await opened(native, { entrypoint: 'trouble' });
    await errorOf(client.call('os_exit', [1]));
    expect((await timed(() => client.close())).ms).toBeLessThan(3000);
  });

  it('is prompt when nothing runs', async () => {
    const client = await opened(native);
    await client.call('pid');
    expect((await timed(() => client.close())).ms).toBeLessThan(3000);
  });
});

describe('terminate()', () => {
  it('does not wait for what runs, and settles it', async () => {
    const client = await opened(native);
    const pid = await client.call<number>('pid');
    const failures = [
      errorOf(client.call('nap', [60])),
      errorOf(client.call('async_nap', [60])),
      errorOf(client.call('add', [1])),
    ];
    await within(2000, 'terminate', client.terminate());
    for (const failure of await within(100, 'calls settle', Promise.all(failures))) {
      expect(['CLOSED', 'WORKER_EXITED']).toContain(failure.code);
    }
    expect(isAlive(pid)).toBe(false);
  });

  it('ends a stream that is being read', async () => {
    const client = await opened(native, { entrypoint: 'streams' });
    const iterator = client.stream('stuck_after', ['x', 1])[Symbol.asyncIterator]();
    await iterator.next();
    const next = errorOf(iterator.next());
    await client.terminate();
    expect(['CLOSED', 'WORKER_EXITED']).toContain((await next).code);
  });
});

describe('Symbol.asyncDispose', () => {
  it('closes', async () => {
    const client = await opened(native);
    const pid = await client.call<number>('pid');
    await client[Symbol.asyncDispose]();
    expect(isAlive(pid)).toBe(false);
    expect((await errorOf((async () => client.call('pid'))())).code).toBe('CLOSED');
  });
});

describe('connect() configures itself', () => {
  it('from main.py when nothing is said', async () => {
    const client = await opened(native);
    expect(await client.call('whoami')).toMatchObject({ name: 'main' });
  });

  it('from [tool.synapse] in pyproject.toml', async () => {
    const client = await opened(sharedModule('configured'));
    const facts = await client.call<{ name: string; beside: boolean; file: string }>('facts');
    expect(facts).toMatchObject({ name: 'app.serve', beside: true });
    const pids = await Promise.all([
      client.call('spin_for', [0.4]),
      client.call('spin_for', [0.4]),
    ]);
    expect(new Set(pids).size).toBe(2);
  });

  it('from its options before [tool.synapse]', async () => {
    const client = await opened(sharedModule('configured'), { workers: 1 });
    const pids = await Promise.all([
      client.call('pid_after', [0.1]),
      client.call('pid_after', [0.1]),
    ]);
    expect(new Set(pids).size).toBe(1);
  });

  it('from a PEP 723 block when there is nothing else', async () => {
    const client = await opened(sharedModule('inline'));
    expect(await client.call('hello', ['you'])).toBe('hello you');
  });

  it('and refuses what makes no sense, by name', async () => {
    for (const workers of [0, -1, 1.5, Number.NaN]) {
      const failure = await errorOf(connect(native, { workers }));
      expect(failure.code).toBe('INVALID_CONFIG');
      expect(failure.message).toContain('workers');
    }
    const lost = await errorOf(connect(native, { entrypoint: 'nowhere' }));
    expect(lost.message).toContain('nowhere.py');
    const nowhere = await errorOf(connect('./no/such/folder'));
    expect(nowhere.message).toContain('./no/such/folder');
  });

  it('with four workers that work at the same time', async () => {
    const client = await opened(native, { workers: 4 });
    const pids = new Set<number>();
    await eventually('four workers answered', async () => {
      const round = Array.from({ length: 8 }, async () => {
        await client.call('nap', [0.05]);
        pids.add(await client.call<number>('pid'));
      });
      await Promise.all(round);
      return pids.size === 4;
    });
    const { ms } = await timed(() => Promise.all([1, 2, 3, 4].map(() => client.call('nap', [3]))));
    // Two after each other would take 6000.
    expect(ms).toBeLessThan(5900);
    await client.close();
    expect([...pids].filter(isAlive)).toEqual([]);
  });
});

describe('The dialect of a module', () => {
  it('is native when the entrypoint imports synapse_worker', async () => {
    const client = await opened(native, { entrypoint: 'hooks_main_guard' });
    expect(await client.call('ran')).toEqual(['hooks_main_guard', false]);
  });

  it('is raw when the entrypoint only speaks of it, in comments and strings', async () => {
    const synapse = new Synapse();
    await synapse.spawn(sharedModule('raw'), 'mentions_only');
    expect(await synapse.call('x')).toEqual({ name: '__main__', value: 'x' });
    await synapse.dispose();
  });

  it('is native for connect() where the source does not show it; the module runs once', async () => {
    const directory = copyOfModule('raw');
    const client = await opened(directory, { entrypoint: 'by_importlib' });
    expect(await client.call('ping')).toBe('pong');
    expect(linesOf(join(directory, 'importlib-runs.txt'))).toEqual(['run']);
  });

  it('is raw for the drop-in class where the source does not show it', async () => {
    const directory = copyOfModule('raw');
    const synapse = new Synapse();
    const failure = await errorOf(synapse.spawn(directory, 'by_importlib'));
    expect(failure.message).toMatch(/by_importlib\.py ended without reading.*dialect.*'native'/s);
    await synapse.spawn(directory, 'by_importlib', { dialect: 'native' });
    expect(await synapse.call({ method: 'ping' })).toBe('pong');
    await synapse.dispose();
  });

  it('that is raw is refused by connect(), which says what to do', async () => {
    const failure = await errorOf(connect(sharedModule('raw'), { entrypoint: 'echo' }));
    expect(failure.code).toBe('INVALID_CONFIG');
    expect(failure.message).toMatch(/echo\.py.*new Synapse\(\)/s);
  });

  it('told wrongly is one clear error', async () => {
    const asNative = connect(sharedModule('raw'), { entrypoint: 'undecided', dialect: 'native' });
    const failure = await errorOf(asNative);
    expect(failure.code).toBe('MODULE_START_FAILED');
    expect(failure.message).toMatch(/undecided\.py.*Module/s);
  });
});

describe('A native module finds itself', () => {
  interface Who {
    name: string;
    file: string;
    quote_module: string;
    pickled: boolean;
    in_sys_modules: boolean;
    argv: string[];
    path0: string;
    cwd: string;
    prefix: string;
    setups: number;
  }

  it('imported under its own name, not as __main__, once, with its setup done', async () => {
    const client = await opened(native);
    const who = await client.call<Who>('whoami');
    expect(who).toMatchObject({
      name: 'main',
      quote_module: 'main',
      pickled: true,
      in_sys_modules: true,
      setups: 1,
    });
    expect(realpathSync(who.file)).toBe(join(native, 'main.py'));
  });

  it('with the host’s working directory, its own folder first on the path, and its own environment', async () => {
    const client = await opened(native);
    const who = await client.call<Who>('whoami');
    expect(who.cwd).toBe(process.cwd());
    expect(realpathSync(who.path0)).toBe(native);
    expect(realpathSync(who.argv[0] ?? '')).toBe(join(native, 'main.py'));
    expect(who.argv).toHaveLength(1);
    expect(who.prefix).toBe(join(native, '.venv'));
  });
});
