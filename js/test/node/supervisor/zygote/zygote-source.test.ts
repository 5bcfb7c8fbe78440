import { spawnSync } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type LaunchOptions, spawnSpec } from '../../../../src/node/connect/launch.js';
import type { LogRecord } from '../../../../src/node/supervisor/log-record.js';
import type { ProcessHandle } from '../../../../src/node/supervisor/process-handle.js';
import {
  ZygoteSource,
  type ZygoteSourceOptions,
} from '../../../../src/node/supervisor/zygote/zygote-source.js';
import { LAUNCH, PYTHON } from '../../support/python.js';
import { eventually, isAlive, linesOf } from '../../support/waiting.js';

const MODULE = 'from synapse_worker import Module\napp = Module()\n';

interface Fixture {
  readonly source: ZygoteSource;
  readonly directory: string;
  readonly logs: LogRecord[];
  /** Starts a process; resolves when it serves. */
  serving(): Promise<ProcessHandle & { readonly pid: number }>;
  /** What processes have printed. */
  readonly lines: string[];
  /** What a file below the module says, line by line. */
  marks(name: string): string[];
}

const fixtures = new Set<Fixture & { readonly handles: ProcessHandle[] }>();

/** A source for a module whose file ends with `text`. */
function sourceOf(
  text: string,
  { env, limits, ...options }: Partial<ZygoteSourceOptions> & LaunchOptions = {},
): Fixture {
  const directory = mkdtempSync(join(tmpdir(), 'synapse-zygote-'));
  writeFileSync(join(directory, 'main.py'), `${MODULE}${text}`);
  const logs: LogRecord[] = [];
  const lines: string[] = [];
  const handles: ProcessHandle[] = [];
  const module = { name: 'warm', directory, entrypoint: 'main.py', dialect: 'native' } as const;
  const spec = spawnSpec({ python: PYTHON, script: LAUNCH }, module, { env, limits });
  const source = new ZygoteSource(spec, {
    name: 'warm',
    onLog: (record) => logs.push(record),
    ...options,
  });
  const fixture = {
    ...{ source, directory, logs, lines, handles },
    marks: (name: string) => linesOf(join(directory, name)),
    async serving() {
      const handle = source.start((_, line) => lines.push(line));
      handles.push(handle);
      const ended = handle.exited.then((exit) => {
        throw new Error(`it ended: ${JSON.stringify(exit)}`);
      });
      await Promise.race([greeted(handle), ended]);
      return handle as ProcessHandle & { readonly pid: number };
    },
  };
  fixtures.add(fixture);
  return fixture;
}

async function greeted(handle: ProcessHandle): Promise<void> {
  const { pipes } = await handle.channels;
  if (pipes === undefined) throw new Error('it has no pipes');
  await new Promise<void>((resolve) => {
    pipes.transport.open({ onBytes: () => resolve(), onClose: () => {}, onDrain: () => {} });
  });
}

afterEach(async () => {
  for (const { source, handles, directory } of fixtures) {
    const closed = source.close();
    await Promise.all(handles.map((handle) => handle.end(0, 0)));
    await closed;
    rmSync(directory, { recursive: true });
  }
  fixtures.clear();
});

function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    // It was the one that listed the folder.
    return '';
  }
}

/** The pipes and sockets that a process holds, by inode. */
function pipesOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  const targets = readdirSync(folder).map((fd) => targetOf(join(folder, fd)));
  return targets.filter((target) => /^(pipe|socket):/.test(target));
}

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('Processes from a zygote', () => {
  it('are forked from one process that has imported the module and run its preloads', async () => {
    const { source, serving, marks } = sourceOf(`
def mark(name):
    import os
    with open(os.path.join(os.path.dirname(__file__), name), "a") as file:
        file.write(f"{os.getpid()}\\n")

mark("imported")

@app.preload
def warm():
    mark("preloaded")

@app.setup
def ready():
    mark("set-up")
`);
    const processes = await Promise.all([serving(), serving(), serving()]);
    expect(source.zygote).toEqual({ state: 'ready', pid: expect.any(Number) });
    const zygote = String(source.zygote.pid);
    expect([marks('imported'), marks('preloaded')]).toEqual([[zygote], [zygote]]);
    expect(marks('set-up').sort()).toEqual(processes.map(({ pid }) => String(pid)).sort());
    expect(processes.map(({ pid }) => String(parentOf(pid)))).toEqual([zygote, zygote, zygote]);
  });

  it('hold no end of a pipe of another, nor does the zygote', async () => {
    // What this process was started with, every process of it may have.
    const inherited = new Set(pipesOf(process.pid));
    const { source, serving } = sourceOf('');
    const processes = await Promise.all([serving(), serving(), serving()]);
    const all = [source.zygote.pid ?? 0, ...processes.map(({ pid }) => pid)].map(pipesOf);
    const distinct = all.flatMap((pipes) => [...new Set(pipes)]);
    const shared = distinct.filter((pipe, at) => distinct.indexOf(pipe) !== at);
    expect(shared.filter((pipe) => !inherited.has(pipe))).toEqual([]);
  });

  it('see the end of their data when this end is closed', async () => {
    const { serving } = sourceOf('');
    const [one, other] = await Promise.all([serving(), serving()]);
    (await one.channels).pipes?.transport.destroy();
    expect(await one.exited).toMatchObject({ exitCode: 0, signal: null });
    expect(isAlive(other.pid)).toBe(true);
  });

  it('are captured line by line, their own output theirs', async () => {
    const { source, serving, lines, logs } = sourceOf(`
import os
print("importing")
@app.setup
def speak():
    print("I am", os.getpid())
`);
    const { pid } = await serving();
    await eventually('it has spoken', () => lines.length > 0);
    expect(lines).toEqual([`I am ${pid}\n`]);
    expect(logs).toMatchObject([
      { source: 'stdout', message: 'importing\n', pid: source.zygote.pid },
    ]);
  });

  it('tell how they ended, and leave no zombie', async () => {
    const { source, serving } = sourceOf(`
import os
@app.setup
def leave():
    if os.path.exists(os.path.join(os.path.dirname(__file__), "leave")): os._exit(7)
`);
    const killed = await serving();
    killed.kill();
    expect(await killed.exited).toEqual({ exitCode: null, signal: 'SIGKILL', stderrTail: '' });
    const { directory } = [...fixtures][0] as Fixture;
    writeFileSync(join(directory, 'leave'), '');
    const left = source.start(() => {});
    expect(await left.exited).toMatchObject({ exitCode: 7, signal: null });
    await eventually('both are reaped', () =>
      [killed.pid, left.pid].every((pid) => !readdirSync('/proc').includes(String(pid))),
    );
  });

  it('can be killed a hundred times, and nothing is left of them', async () => {
    const { source, serving } = sourceOf('');
    await serving();
    const before = readdirSync('/proc/self/fd').length;
    const pids: number[] = [];
    for (let round = 0; round < 20; round++) {
      const five = await Promise.all(Array.from({ length: 5 }, serving));
      pids.push(...five.map(({ pid }) => pid));
      for (const { pid } of five) process.kill(pid, 'SIGKILL');
      for (const { channels, exited } of five) {
        expect((await exited).signal).toBe('SIGKILL');
        const { pipes } = await channels;
        pipes?.transport.destroy();
        pipes?.cancel.close();
      }
    }
    expect(new Set(pids).size).toBe(100);
    await eventually('all are reaped', () => {
      const living = new Set(readdirSync('/proc'));
      return !pids.some((pid) => living.has(String(pid)));
    });
    await eventually('all is closed', () => readdirSync('/proc/self/fd').length <= before);
    expect(pipesOf(source.zygote.pid ?? 0).length).toBeLessThan(10);
  });

  it('draw different random numbers', async () => {
    const { serving, lines } = sourceOf(`
import random
random.random()
try:
    import numpy.random
except ImportError:
    numpy = None
@app.setup
def draw():
    print("python", random.random())
    print("numpy", numpy.random.random() if numpy else random.random())
`);
    await Promise.all([serving(), serving(), serving(), serving()]);
    await eventually('all have drawn', () => lines.length === 8);
    expect(new Set(lines).size).toBe(8);
  });

  const hasNumpy = spawnSync(PYTHON, ['-c', 'import numpy']).status === 0;
  (hasNumpy ? it : it.skip)('have the threads of numpy, which the zygote has not', async () => {
    const { source, serving } = sourceOf(
      `
import numpy
@app.setup
def multiply():
    numpy.ones((600, 600)) @ numpy.ones((600, 600))
`,
      { env: { OPENBLAS_NUM_THREADS: '3' } },
    );
    const { pid } = await serving();
    expect(source.zygote.state).toBe('ready');
    expect(readdirSync(`/proc/${source.zygote.pid}/task`)).toHaveLength(1);
    // Those of the library, and the main one among them.
    expect(readdirSync(`/proc/${pid}/task`)).toHaveLength(3);
  });

  it('are held to the limits that they are given, and the zygote is not', async () => {
    const { source, serving, lines } = sourceOf(
      `
import resource
@app.setup
def tell():
    print(*resource.getrlimit(resource.RLIMIT_CPU))
`,
      { limits: { cpuSeconds: 60 } },
    );
    await serving();
    await eventually('it has told', () => lines.length > 0);
    expect(lines).toEqual(['60 65\n']);
    const ofZygote = readFileSync(`/proc/${source.zygote.pid}/limits`, 'utf8');
    expect(ofZygote).toMatch(/^Max cpu time +unlimited/m);
  });

  it('that are asked to be gone before they are there never serve', async () => {
    const { source, directory } = sourceOf('import time\ntime.sleep(600)');
    const hanging = source.start(() => {});
    const zygote = await eventually('the zygote runs', () => source.zygote.pid);
    expect(await hanging.end(0, 100)).toMatchObject({ signal: 'SIGTERM' });
    expect(isAlive(zygote)).toBe(false);
    writeFileSync(join(directory, 'main.py'), MODULE);
    const other = source.start(() => {});
    await greeted(other);
    expect(source.zygote.state).toBe('ready');
    await other.end(0, 0);
  });
});

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

  it('can be killed at any moment without a start being lost', async () => {
    const { source, serving } = sourceOf('');
    await serving();
    for (let round = 0; round < 6; round++) {
      const starts = [serving(), serving()];
      const zygote = await eventually('there is one', () => source.zygote.pid);
      await new Promise((resume) => setTimeout(resume, (round % 5) - 1));
      process.kill(zygote, 'SIGKILL');
      for (const started of await Promise.allSettled(starts)) {
        if (started.status === 'fulfilled') await started.value.end(0, 0);
      }
    }
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
});
