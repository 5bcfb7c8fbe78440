// What modules do at import to a process that is to fork from then on.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { sourceOf } from './source-of.js';

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('A module', () => {
  it.each([
    'sys.stdout = sys.stderr = None',
    'sys.stdout.close()',
    'sys.stderr.close()',
    'sys.stdout.flush = None',
  ])('that has %s is forked all the same', async (line) => {
    const { source, serving } = sourceOf(`import sys\n${line}`);
    await serving();
    expect(source.zygote.state).toBe('ready');
  });

  it('that blocks SIGCHLD has the zygote see the ends of its workers', async () => {
    const { source, serving } = sourceOf(`
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
`);
    const worker = await serving();
    expect(blockedIn(source.zygote.pid ?? 0) & SIGCHLD).toBe(0n);
    worker.kill();
    expect(await worker.exited).toMatchObject({ signal: 'SIGKILL' });
  });

  it('whose annotations start a thread is not forked where they are evaluated ahead', async () => {
    const text = `
import threading
def starting():
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    return int
@app.method
def add(a: "starting()") -> int: return a
`;
    const { source } = sourceOf(text, { typed: true });
    const handle = source.start(() => {});
    await handle.channels;
    expect(source.zygote).toEqual({
      state: 'unavailable',
      reason: expect.stringMatching(/^importing it started \d+ threads? /),
    });
    await handle.end(0, 0);
    const untyped = sourceOf(text);
    await untyped.serving();
    expect(untyped.source.zygote.state).toBe('ready');
  });

  it('that leaves too few descriptors for the pipes of a worker is not forked', async () => {
    const { source } = sourceOf(`
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (24, 24))
`);
    const handle = source.start(() => {});
    await handle.channels;
    expect(source.zygote).toEqual({
      state: 'unavailable',
      reason: 'importing it left no room for the pipes of a worker (Too many open files)',
    });
    await handle.end(0, 0);
  });
});

/** The bit of SIGCHLD, 17, in a mask of signals. */
const SIGCHLD = 1n << 16n;

function blockedIn(pid: number): bigint {
  const [, mask] = /^SigBlk:\s*(\w+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return BigInt(`0x${mask}`);
}
