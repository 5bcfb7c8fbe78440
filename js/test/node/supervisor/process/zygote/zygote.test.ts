import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { eventually, isAlive } from '../../../support/waiting.js';
import { greeted, MODULE, parentOf, sourceOf } from './source-of.js';

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('A zygote', () => {
  it('whose import fails says so to all who wait, and is tried again by the next', async () => {
    const { source, serving, directory } = sourceOf('raise ValueError("no luck")');
    const both = [source.start(() => {}), source.start(() => {})];
    for (const { exited } of both) {
      expect(await exited).toMatchObject({
        exitCode: 1,
        stderrTail: expect.stringContaining('ValueError: no luck'),
        crash: { code: 'MODULE_START_FAILED' },
      });
    }
    writeFileSync(join(directory, 'main.py'), MODULE);
    await serving();
    expect(source.zygote.state).toBe('ready');
  });

  it('that was begun before anybody wanted it forks for the first who does', async () => {
    const { source, serving } = sourceOf('');
    source.begin();
    const { pid } = source.zygote;
    expect(parentOf((await serving()).pid)).toBe(pid);
  });

  it('that was begun and that nobody has asked for a process is ended, though it is at its import', async () => {
    const { source } = sourceOf('import time; time.sleep(600)');
    source.begin();
    const { pid = 0 } = source.zygote;
    expect(isAlive(pid)).toBe(true);
    await source.close();
    expect(isAlive(pid)).toBe(false);
  });

  it('that cannot be begun says so to the first who wants a process', async () => {
    const { source } = sourceOf('', { env: { NAME: 'no\0text' } });
    source.begin();
    expect(() => source.start(() => {})).toThrow(/null bytes/);
  });

  it('that cannot be forked becomes the first worker; the others are spawned', async () => {
    const { source, marks, logs } = sourceOf(`
import os, threading
with open(os.path.join(os.path.dirname(__file__), "imported"), "a") as file:
    file.write(f"{os.getpid()}\\n")
threading.Thread(target=threading.Event().wait, daemon=True).start()
`);
    const first = source.start(() => {});
    const second = source.start(() => {});
    for (const handle of [first, second]) {
      const { control, data } = await handle.channels;
      await new Promise((resolve) => control.input.once('data', resolve));
      control.output.write('{"channel":"socket"}\n');
      await new Promise((resolve) => data?.once('data', resolve));
    }
    expect(marks('imported').sort()).toEqual([`${first.pid}`, `${second.pid}`].sort());
    expect(source.zygote).toEqual({
      state: 'unavailable',
      reason: expect.stringMatching(/^importing it started 1 thread \(/),
    });
    expect(logs.map(({ level, message }) => [level, message])).toEqual([
      ['INFO', `Workers of "warm" are not forked from a zygote: ${source.zygote.reason}.`],
    ]);
    await Promise.all([first.end(0, 0), second.end(0, 0)]);
  });

  it('is not used where the descriptors of others cannot be opened', async () => {
    const { source } = sourceOf('', { canOpen: () => false });
    const handle = source.start(() => {});
    const { data } = await handle.channels;
    expect(data).toBeDefined();
    expect(source.zygote.state).toBe('unavailable');
    await handle.end(0, 0);
  });

  it('that is killed leaves its workers to go on, and another takes its place', async () => {
    const { source, serving, logs } = sourceOf('');
    const [one, other] = await Promise.all([serving(), serving()]);
    const pids = [one.pid, other.pid].sort((a, b) => a - b);
    const zygote = source.zygote.pid ?? 0;
    process.kill(zygote, 'SIGKILL');
    await eventually(
      'another is ready',
      () => source.zygote.state === 'ready' && source.zygote.pid !== zygote,
    );
    expect([isAlive(one.pid), isAlive(other.pid)]).toEqual([true, true]);
    expect(logs.at(-1)?.message).toBe(
      `The zygote of "warm" (${zygote}) ended: killed by SIGKILL. Its workers go on (${pids.join(', ')}).`,
    );
    const third = await serving();
    expect(parentOf(third.pid)).toBe(source.zygote.pid);
    // Nobody can tell how these end, but that they do is seen.
    one.kill();
    expect(await one.exited).toMatchObject({ exitCode: null, signal: null });
    expect((await other.end(0, 1000)).signal).toBeNull();
    expect(isAlive(other.pid)).toBe(false);
  });

  it.each<[string, Moment | undefined]>([
    ['before it has read of them', undefined],
    ['when both are forked and neither is heard of', unheard],
    ['when the pipes of one are open', ({ channels }) => Promise.any(channels)],
    ['when the pipes of both are open', ({ channels }) => Promise.all(channels)],
    ['when one serves', ({ greetings }) => Promise.any(greetings)],
    ['when both serve', ({ greetings }) => Promise.all(greetings)],
  ])('can be killed amid two starts, %s, and neither is lost', async (_, moment) => {
    const { source, serving } = sourceOf('');
    await serving();
    const zygote = source.zygote.pid ?? 0;
    process.kill(zygote, 'SIGSTOP');
    const handles = [source.start(() => {}), source.start(() => {})];
    const channels = handles.map((handle) => handle.channels);
    const greetings = handles.map(greeted);
    if (moment !== undefined) {
      process.kill(zygote, 'SIGCONT');
      await moment({ zygote, channels, greetings });
    }
    process.kill(zygote, 'SIGKILL');
    await Promise.all(greetings);
    for (const handle of handles) await handle.end(0, 0);
    expect(parentOf((await serving()).pid)).not.toBe(zygote);
  });

  it('that is killed at its import fails those who wait for it, and is tried again by the next', async () => {
    const { source, serving, directory } = sourceOf('import time\ntime.sleep(600)');
    const both = [source.start(() => {}), source.start(() => {})];
    process.kill(await eventually('the zygote runs', () => source.zygote.pid), 'SIGKILL');
    for (const { exited } of both) {
      expect(await exited).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
    }
    writeFileSync(join(directory, 'main.py'), MODULE);
    expect((await serving()).pid).toBeGreaterThan(0);
  });

  it('lives until the last of its workers has ended, and no longer', async () => {
    const { source, serving } = sourceOf('');
    const worker = await serving();
    const zygote = source.zygote.pid ?? 0;
    const closed = source.close();
    expect(await worker.readStack(10_000)).toContain('most recent call first');
    expect(isAlive(zygote)).toBe(true);
    await worker.end(0, 0);
    await closed;
    expect(isAlive(zygote)).toBe(false);
  });

  it('that is killed while it is closed fails what was still to come of it', async () => {
    const { source, serving } = sourceOf('');
    await serving();
    const zygote = source.zygote.pid ?? 0;
    process.kill(zygote, 'SIGSTOP');
    const never = source.start(() => {});
    const closed = source.close();
    const ended = never.end(0, 0);
    process.kill(zygote, 'SIGKILL');
    expect(await ended).toMatchObject({ signal: 'SIGKILL' });
    await closed;
  });

  it('that is still at its import is ended when nobody needs it any more', async () => {
    const { source } = sourceOf('import time\ntime.sleep(600)');
    const hanging = source.start(() => {});
    const zygote = await eventually('the zygote runs', () => source.zygote.pid);
    await source.close();
    expect(await hanging.exited).toMatchObject({ signal: 'SIGTERM' });
    expect(isAlive(zygote)).toBe(false);
  });

  it('ends what a worker leaves behind in sessions of its own', async () => {
    const { serving, marks } = sourceOf(`
import os, subprocess, sys, time

def mark(pid):
    with open(os.path.join(os.path.dirname(__file__), "strays"), "a") as file:
        file.write(f"{pid}\\n")

@app.setup
def stray():
    mark(subprocess.Popen(["sleep", "600"], start_new_session=True).pid)
    mark(subprocess.Popen(["sleep", "600"], process_group=0).pid if sys.version_info >= (3, 11) else os.getpid())
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            mark(os.getpid())
            time.sleep(600)
        os._exit(0)
    mark(os.getpid())
`);
    const one = await serving();
    const ofOne = await eventually('all are there', () => {
      const pids = marks('strays').map(Number);
      return pids.length === 4 ? pids : undefined;
    });
    const other = await serving();
    const ofOther = await eventually('all are there', () => {
      const pids = marks('strays').map(Number);
      return pids.length === 8 ? pids.slice(4) : undefined;
    });
    one.kill();
    await one.exited;
    await eventually('those of the one are gone', () => !ofOne.some(isAlive));
    expect(ofOther.filter((pid) => !isAlive(pid))).toEqual([]);
    await other.end(0, 0);
    await eventually('those of the other are gone', () => !ofOther.some(isAlive));
  });

  it('that has died leaves that to Node', async () => {
    const { source, serving, marks } = sourceOf(`
import os, subprocess
@app.setup
def stray():
    child = subprocess.Popen(["sleep", "600"], start_new_session=True)
    with open(os.path.join(os.path.dirname(__file__), "strays"), "a") as file:
        file.write(f"{child.pid}\\n")
`);
    const one = await serving();
    const other = await serving();
    const [ofOne = 0, ofOther = 0] = marks('strays').map(Number);
    process.kill(source.zygote.pid ?? 0, 'SIGKILL');
    process.kill(one.pid, 'SIGKILL');
    await one.exited;
    await eventually('that of the one is gone', () => !isAlive(ofOne));
    expect(isAlive(ofOther)).toBe(true);
    await other.end(0, 1000);
    expect(isAlive(ofOther)).toBe(false);
  });

  it('that has died with a worker, before that was heard of, has it come from the next', async () => {
    const { source, serving } = sourceOf('');
    const first = await serving();
    const zygote = source.zygote.pid ?? 0;
    const handle = source.start(() => {});
    const forked = deafUntil(() => childrenOf(zygote).find((pid) => pid !== first.pid));
    // Until it has said so.
    spawnSync('sleep', ['0.3']);
    for (const pid of [zygote, forked]) process.kill(pid, 'SIGKILL');
    spawnSync('sleep', ['0.3']);
    await greeted(handle);
    expect(parentOf(handle.pid ?? 0)).toBe(source.zygote.pid);
    await handle.end(0, 0);
  });
});

/** Two starts on their way, beside a worker that serves, and the zygote that they were asked of. */
interface Starts {
  readonly zygote: number;
  readonly channels: readonly Promise<unknown>[];
  /** Each resolves when that process serves. */
  readonly greetings: readonly Promise<void>[];
}

/** Resolves at a moment of these starts. */
type Moment = (starts: Starts) => unknown;

/** When both are forked; nothing of it is heard by then. */
function unheard({ zygote }: Starts): void {
  deafUntil(() => childrenOf(zygote).length === 3);
}

/** Waits without hearing anything meanwhile. */
function deafUntil<T>(check: () => T): NonNullable<T> {
  for (let look = 0; look < 1000; look++) {
    const answer = check();
    if (answer) return answer;
    spawnSync('sleep', ['0.005']);
  }
  throw new Error('nothing came of it');
}

function childrenOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children.split(' ').filter(Boolean).map(Number);
}
