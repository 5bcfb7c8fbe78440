import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { PYTHON } from '../../../support/python.js';
import { eventually, isAlive } from '../../../support/waiting.js';
import { greeted, MODULE, parentOf, sourceOf } from './source-of.js';

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
    const { source, serving, directory } = sourceOf(`
import os
@app.setup
def leave():
    if os.path.exists(os.path.join(os.path.dirname(__file__), "leave")): os._exit(7)
`);
    const killed = await serving();
    killed.kill();
    expect(await killed.exited).toEqual({ exitCode: null, signal: 'SIGKILL', stderrTail: '' });
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

  it('find there what their first calls need, the very first of them included', async () => {
    const { serving, lines } = sourceOf(`
import sys
@app.method
def double(n: int) -> int:
    return 2 * n
@app.setup
def tell():
    print(*(name in sys.modules for name in ("synapse_worker.conversion", "asyncio")))
`);
    const first = await serving();
    await eventually('it has told', () => lines.length === 1);
    await first.end(0, 0);
    await serving();
    await eventually('a later one has told', () => lines.length === 2);
    expect(lines).toEqual(['True False\n', 'True False\n']);
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
