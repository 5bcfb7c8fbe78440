// A raw script that fails: the call it was working on rejects and tells why, the next one finds a new script.
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Synapse } from 'synapse-worker';
import { isAlive } from '../support/processes.js';
import { copyOfModule, linesOf, sharedModule } from '../support/scratch.js';
import { errorOf, eventually, timed, within } from '../support/waiting.js';

const raw = sharedModule('raw');

describe('A raw script that fails on a call', () => {
  let synapse: Synapse;
  beforeEach(async () => {
    synapse = new Synapse();
    await synapse.spawn(raw, 'deeds');
  });
  afterEach(() => synapse.dispose());
  const pid = async (): Promise<number> =>
    (await synapse.call<{ pid: number }>({ do: 'facts' })).pid;

  it('rejects with type, message and traceback, and restarts for the next', async () => {
    const before = await pid();
    const failure = await errorOf(synapse.call({ do: 'raise', text: 'bad luck' }));
    expect(failure).toMatchObject({ name: 'PythonError', code: 'PYTHON_EXCEPTION' });
    expect(failure.message).toContain('bad luck');
    const told = failure as Error & { pythonType: string; traceback: string };
    expect(told.pythonType).toBe('ValueError');
    expect(told.traceback).toContain('deeds.py');
    expect(told.traceback).toContain('raise ValueError(request["text"])');
    expect(told.traceback).not.toContain('launch.py');
    const after = await pid();
    expect(after).not.toBe(before);
    expect(isAlive(before)).toBe(false);
  });

  it('shows the cause of a chained exception', async () => {
    const failure = await errorOf(synapse.call({ do: 'raise_chained', text: 'outer' }));
    expect((failure as Error & { traceback: string }).traceback).toContain('inner cause');
  });

  it('moves what was queued behind the failure to the next script', async () => {
    const calls = [
      synapse.call({ do: 'echo', value: 1 }),
      synapse.call({ do: 'raise', text: 'second' }),
      synapse.call({ do: 'echo', value: 3 }),
      synapse.call({ do: 'count' }),
    ];
    const [one, two, three, four] = await Promise.allSettled(calls);
    expect(one).toMatchObject({ value: 1 });
    expect(two).toMatchObject({ status: 'rejected', reason: { code: 'PYTHON_EXCEPTION' } });
    expect(three).toMatchObject({ value: 3 });
    expect(four).toMatchObject({ value: 2 });
  });

  it('rejects when the script leaves by sys.exit', async () => {
    for (const code of [0, 3, null]) {
      const failure = await errorOf(synapse.call({ do: 'exit', code }));
      expect(failure.code).toBe('WORKER_EXITED');
      expect(await synapse.call({ do: 'count' })).toBe(1);
    }
  });

  it('shows the text of sys.exit("why")', async () => {
    const failure = await errorOf(synapse.call({ do: 'exit', code: 'no license found' }));
    expect(failure.message).toContain('no license found');
  });

  it.each([
    ['os._exit', { do: 'os_exit', code: 5 }, /\b5\b/],
    ['SIGKILL', { do: 'kill', signal: 'SIGKILL' }, /SIGKILL/],
    ['SIGABRT', { do: 'kill', signal: 'SIGABRT' }, /SIGABRT/],
    ['a segmentation fault', { do: 'segfault' }, /SIGSEGV/],
  ])('rejects when the script dies by %s, and says so', async (_, request, says) => {
    const failure = await errorOf(synapse.call(request));
    expect(failure).toMatchObject({ name: 'WorkerExitedError', code: 'WORKER_EXITED' });
    expect(failure.message).toMatch(says);
    expect(await synapse.call({ do: 'echo', value: 'new' })).toBe('new');
  });

  it('shows the last words on stderr of a script that died', async () => {
    await synapse.call({ do: 'stderr', text: 'cannot open /dev/weights\n' });
    const failure = await errorOf(synapse.call({ do: 'os_exit', code: 5 }));
    expect(
      `${failure.message}${JSON.stringify(failure)}${JSON.stringify(failure.details)}`,
    ).toContain('cannot open /dev/weights');
  });

  it('rejects a reply the script could not encode, with the TypeError', async () => {
    const failure = await errorOf(synapse.call({ do: 'unencodable' }));
    expect(failure.code).toBe('PYTHON_EXCEPTION');
    expect(failure.message).toContain('object');
    expect(await synapse.call({ do: 'echo', value: 'next' })).toBe('next');
  });

  it('rejects a reply that is no MessagePack', async () => {
    const failure = await errorOf(synapse.call({ do: 'broken_reply' }));
    expect(['DECODE_FAILED', 'PROTOCOL_ERROR']).toContain(failure.code);
    expect(await synapse.call({ do: 'echo', value: 'next' })).toBe('next');
  });

  it('refuses a reply that claims 4 GiB at once, without waiting for it', async () => {
    const { value, ms } = await timed(() => errorOf(synapse.call({ do: 'absurd_length' })));
    expect(value.code).toBe('FRAME_TOO_LARGE');
    expect(ms).toBeLessThan(3000);
    expect(await synapse.call({ do: 'echo', value: 'next' })).toBe('next');
  });

  it('rejects when the script dies in the middle of its reply', async () => {
    const failure = await errorOf(synapse.call({ do: 'half_a_reply' }));
    expect(['WORKER_EXITED', 'FRAME_TRUNCATED']).toContain(failure.code);
    expect(await synapse.call({ do: 'echo', value: 'next' })).toBe('next');
  });

  it('survives many deaths in a row', async () => {
    for (let n = 0; n < 12; n += 1) {
      await errorOf(synapse.call({ do: 'raise', text: `death ${n}` }));
    }
    expect(await within(30_000, 'a new script', synapse.call({ do: 'count' }))).toBe(1);
  });

  it('replaces a script that died while nobody called it', async () => {
    const before = await pid();
    process.kill(before, 'SIGKILL');
    await eventually('it has gone', () => !isAlive(before));
    const after = await within(30_000, 'a new script', pid());
    expect(after).not.toBe(before);
  });
});

describe('A raw script that answers and leaves', () => {
  it('answers every call, one process each', async () => {
    const synapse = new Synapse();
    await synapse.spawn(raw, 'one_shot');
    const pids = new Set<number>();
    for (let value = 0; value < 6; value += 1) {
      const reply = await synapse.call<{ pid: number; value: number }>(value);
      expect(reply.value).toBe(value);
      pids.add(reply.pid);
    }
    expect(pids.size).toBe(6);
    await synapse.dispose();
  });

  it('loses no call of a burst, and runs none twice', async () => {
    const synapse = new Synapse();
    await synapse.spawn(raw, 'one_shot');
    const replies = await Promise.all(
      Array.from({ length: 8 }, (_, n) => synapse.call<{ pid: number; value: number }>(n)),
    );
    expect(replies.map((reply) => reply.value)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    await synapse.dispose();
  });

  it('keeps the reply that came right before an exit or a crash', async () => {
    const synapse = new Synapse();
    await synapse.spawn(raw, 'deeds');
    for (let round = 0; round < 6; round += 1) {
      const deed = round % 2 === 0 ? 'answer_then_exit' : 'answer_then_crash';
      expect(await synapse.call({ do: deed, value: round })).toBe(round);
      expect(await synapse.call({ do: 'echo', value: 'and on' })).toBe('and on');
    }
    await synapse.dispose();
  });
});

describe('A raw script that cannot start', () => {
  it.each([
    ['raises', 'dies_at_start', ['RuntimeError', 'no model file at /nowhere']],
    ['exits', 'leaves_at_start', ['7']],
    ['does not compile', 'not_python', ['SyntaxError', 'not_python.py']],
    ['imports what is not there', 'missing_import', ['a_package_that_is_nowhere']],
  ])(
    'rejects spawn once with the reason when it %s, and is not started again',
    async (_, entrypoint, says) => {
      const directory = copyOfModule('raw');
      const synapse = new Synapse();
      const failure = await errorOf(synapse.spawn(directory, entrypoint));
      for (const text of says) expect(failure.message).toContain(text);
      expect(failure).toMatchObject({ name: 'ModuleStartError', code: 'MODULE_START_FAILED' });
      expect(linesOf(join(directory, 'starts.txt')).length).toBeLessThanOrEqual(1);
      expect(() => synapse.call(1)).toThrow('Cannot send inputs to instance before spawning it.');
      await synapse.dispose();
      expect(linesOf(join(directory, 'starts.txt')).length).toBeLessThanOrEqual(1);
    },
  );

  it('explains a script that ended without having read its channel', async () => {
    const synapse = new Synapse();
    const failure = await errorOf(synapse.spawn(raw, 'ends_unread'));
    expect(failure.message).toMatch(/read/);
    await synapse.dispose();
  });
});
