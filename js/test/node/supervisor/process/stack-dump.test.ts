import { afterEach, describe, expect, it } from '@jest/globals';
import type { ProcessHandle } from '../../../../src/node/supervisor/process/process-handle.js';
import { WorkerProcess } from '../../../../src/node/supervisor/process/worker-process.js';
import { PYTHON } from '../../support/python.js';
import { eventually } from '../../support/waiting.js';

/** Has its stacks written to a pipe of its own, says the number of the read end, then runs `work`. */
const REGISTER = `
import faulthandler, os, signal
read_end, write_end = os.pipe()
os.set_blocking(write_end, False)
faulthandler.register(signal.SIGUSR2, file=write_end, all_threads=True)
`;

const open = new Set<WorkerProcess>();

/** What each process has printed. */
const printed = new WeakMap<ProcessHandle, string[]>();

/** The thread that a process has named behind the number of its pipe. */
const loopOf = (process: ProcessHandle): number =>
  Number(printed.get(process)?.[0]?.trim().split(' ')[1]);

async function started(work: string): Promise<ProcessHandle> {
  const lines: string[] = [];
  const code = `${REGISTER}\n${work}`;
  const spec = { command: PYTHON, args: ['-I', '-S', '-u', '-c', code] };
  const process = new WorkerProcess(spec, false, (_, line) => lines.push(line));
  open.add(process);
  process.controlSocket.resume();
  printed.set(process, lines);
  const line = await eventually('it runs', () => lines[0]);
  expect(process.openStackDump(Number(line.split(' ')[0]))).toBe(true);
  return process;
}

afterEach(async () => {
  await Promise.all([...open].map((process) => process.end(0, 0)));
  open.clear();
});

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('The stacks of a process', () => {
  it('are told while C code holds the interpreter', async () => {
    const process = await started(
      'def count():\n    print(read_end)\n    sum(range(10**12))\ncount()',
    );
    const stack = await process.readStack(10_000);
    expect(stack).toMatch(/most recent call first[\s\S]*line \d+ in count/);
  });

  it('are complete for many threads, and can be had again', async () => {
    const process = await started(
      [
        'import threading',
        'for n in range(50): threading.Thread(target=threading.Event().wait, daemon=True).start()',
        'print(read_end)',
        'threading.Event().wait()',
      ].join('\n'),
    );
    for (let round = 0; round < 3; round++) {
      const stack = await process.readStack(10_000);
      expect(stack?.match(/^(Current t|T)hread /gm)).toHaveLength(51);
      expect(stack).toMatch(/in <module>$/);
    }
  });

  it('are shared by those who ask at the same time', async () => {
    const process = await started('print(read_end)\nsignal.pause()');
    const [one, other] = await Promise.all([process.readStack(10_000), process.readStack(10_000)]);
    expect(one).toContain('in <module>');
    expect(other).toBe(one);
  });

  it('are those of the threads that were asked, also where another takes the signal', async () => {
    // The thread lets the main one take its signals, twice.
    const code = `
import threading
taken = threading.Semaphore(0)
faulthandler.unregister(signal.SIGUSR2)
signal.signal(signal.SIGUSR2, lambda *_: taken.release())
faulthandler.register(signal.SIGUSR2, file=write_end, all_threads=False, chain=True)
def loop():
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
    print(read_end, threading.get_native_id())
    for _ in range(2): taken.acquire()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR2])
    threading.Event().wait()
threading.Thread(target=loop, daemon=True).start()
while True: signal.pause()`;
    const process = await started(code);
    process.noteLoop(loopOf(process));
    const stack = await process.readStack(10_000);
    expect(stack).toMatch(
      /^Main thread \d+ [\s\S]*in <module>\n\nEvent loop thread \d+ [\s\S]*in loop\n/,
    );
  });

  it('are not those that somebody else has asked for before', async () => {
    const process = await started(
      'os.kill(os.getpid(), signal.SIGUSR2)\nprint(read_end)\nsignal.pause()',
    );
    const stack = await process.readStack(10_000);
    expect(stack?.match(/most recent call first/g)).toHaveLength(1);
  });

  it('are not waited for longer than asked', async () => {
    const process = await started('print(read_end)\nsignal.pause()');
    process.signal('SIGSTOP');
    expect(await process.readStack(20)).toBeUndefined();
    process.signal('SIGCONT');
  });

  it('of one that ends meanwhile are not waited for', async () => {
    const process = await started('print(read_end)\nsignal.pause()');
    process.signal('SIGSTOP');
    const stack = process.readStack(600_000);
    process.kill();
    expect(await stack).toBeUndefined();
    expect(await process.readStack(600_000)).toBeUndefined();
  });

  it('cannot be had of one that has gone, or has no such pipe', async () => {
    const other = new WorkerProcess({ command: PYTHON, args: ['-c', 'input()'] }, false, () => {});
    other.controlSocket.resume();
    expect(other.openStackDump(9999)).toBe(false);
    expect(other.openStackDump(0)).toBe(false); // the null device
    expect(await other.readStack(600_000)).toBeUndefined();
    await other.end(0, 0);
    expect(other.openStackDump(1)).toBe(false);
  });
});
