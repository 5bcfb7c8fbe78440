// A zygote that says nothing any more: stopped, or wedged. Its workers' ends are seen without it, and it is replaced.
import { describe, expect, it } from '@jest/globals';
import { within } from '../../../../../src/node/supervisor/within.js';
import { eventually, isAlive } from '../../../support/waiting.js';
import { parentOf, sourceOf } from './source-of.js';

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('A zygote that stands still', () => {
  it('is told by nobody how a worker ended, and that is seen all the same', async () => {
    const { source, serving } = sourceOf('');
    const [killed, asked] = await Promise.all([serving(), serving()]);
    process.kill(source.zygote.pid ?? 0, 'SIGSTOP');
    process.kill(killed.pid, 'SIGKILL');
    expect(await killed.exited).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
    const { control, pipes } = await asked.channels;
    control.input.resume();
    pipes?.transport.destroy();
    expect(await asked.exited).toMatchObject({ exitCode: 0, signal: null });
  });

  it('is killed; its workers go on, and what it should have forked comes from the next', async () => {
    const { source, serving, logs } = sourceOf('');
    const worker = await serving();
    const zygote = source.zygote.pid ?? 0;
    process.kill(zygote, 'SIGSTOP');
    const next = await serving();
    expect(parentOf(next.pid)).toBe(source.zygote.pid);
    expect([isAlive(zygote), isAlive(worker.pid)]).toEqual([false, true]);
    expect(logs.at(-1)?.message).toContain('it answered nothing for 5000 ms and was killed');
  });

  it('is killed too when only the end of a worker is not told', async () => {
    const { source, serving } = sourceOf('');
    const worker = await serving();
    const zygote = source.zygote.pid ?? 0;
    process.kill(zygote, 'SIGSTOP');
    await worker.end(0, 0);
    await eventually('another is ready', () => {
      const { state, pid } = source.zygote;
      return state === 'ready' && pid !== zygote;
    });
    expect(isAlive(zygote)).toBe(false);
  });

  it('keeps neither a close nor what waits for it', async () => {
    const { source, serving } = sourceOf('');
    const worker = await serving();
    const zygote = source.zygote.pid ?? 0;
    process.kill(zygote, 'SIGSTOP');
    const never = source.start(() => {});
    const ended = Promise.all([source.close(), worker.end(0, 100), never.end(0, 100)]);
    expect(await within(15_000, ended)).toBe(true);
    expect([isAlive(zygote), isAlive(worker.pid)]).toEqual([false, false]);
  });

  it('has one that is not wanted any more fail, rather than come from the next', async () => {
    const { source, serving } = sourceOf('');
    await serving();
    process.kill(source.zygote.pid ?? 0, 'SIGSTOP');
    expect(await source.start(() => {}).end(0, 100)).toMatchObject({ signal: 'SIGKILL' });
  });
});
