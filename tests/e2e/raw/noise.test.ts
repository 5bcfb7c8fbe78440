// An unmodified raw script survives whatever else writes to its standard output.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Synapse } from 'synapse-worker';
import { runHost } from '../support/host.js';
import { LogBook } from '../support/logs.js';
import { sharedModule } from '../support/scratch.js';
import { eventually, within } from '../support/waiting.js';

describe('A raw script that writes to stdout beside its replies', () => {
  const synapse = new Synapse();
  const book = new LogBook(synapse.instanceLogs);
  beforeAll(() => synapse.spawn(sharedModule('raw'), 'deeds'));
  afterAll(() => synapse.dispose());
  const logged = (text: string): Promise<unknown> =>
    eventually(`the log shows ${JSON.stringify(text)}`, () => book.text.includes(text));

  it.each([
    ['print()', { do: 'print', text: 'printed' }, 'printed'],
    ['sys.stdout.write and flush', { do: 'write_text', text: 'written\n' }, 'written'],
    ['os.write(1)', { do: 'os_write', text: 'by descriptor\n' }, 'by descriptor'],
    ['a child process', { do: 'child_echo', text: 'by child' }, 'by child'],
    ['os.system', { do: 'os_system', text: 'by shell' }, 'by shell'],
    ['a forked copy of itself', { do: 'fork', text: 'by fork' }, 'by fork'],
    ['C printf, flushed', { do: 'printf', text: 'by printf' }, 'by printf'],
    ['C printf, not flushed', { do: 'printf_unflushed', text: 'by lazy printf' }, 'by lazy printf'],
    ['threads', { do: 'thread_prints' }, 'from a thread'],
    ['lines without number', { do: 'print_wildly', lines: 20_000 }, 'x'.repeat(200)],
  ])('survives %s, which goes to the logs', async (_, request, shown) => {
    expect(await synapse.call(request)).toBe('done');
    expect(await synapse.call({ do: 'echo', value: 'clean' })).toBe('clean');
    await logged(shown);
  });

  it('survives a print without newline before each reply', async () => {
    for (let n = 0; n < 50; n += 1) {
      expect(await synapse.call({ do: 'print_without_newline', text: `<${n}>` })).toBe('done');
    }
    await synapse.call({ do: 'print', text: 'end of line' });
    await logged('<48><49>end of line');
  });

  it('gives a child that reads stdin an empty one, not the channel', async () => {
    const [read, next] = await within(
      10_000,
      'both calls',
      Promise.all([
        synapse.call({ do: 'child_reads' }),
        synapse.call({ do: 'echo', value: 'mine' }),
      ]),
    );
    expect([read, next]).toEqual(['', 'mine']);
  });
});

describe('Ten thousand calls of a script that prints on every one', () => {
  it('are answered in order, one after the other and in bursts', async () => {
    const synapse = new Synapse();
    let lines = 0;
    synapse.instanceLogs.subscribe(() => {
      lines += 1;
    });
    await synapse.spawn(sharedModule('raw'), 'printing');
    for (let n = 1; n <= 2000; n += 1) {
      expect((await synapse.call<{ calls: number }>({ n })).calls).toBe(n);
    }
    for (let done = 2000; done < 10_000; done += 1000) {
      const burst = Array.from({ length: 1000 }, (_, n) =>
        synapse.call<{ calls: number; payload: { n: number } }>({ n }),
      );
      for (const [n, reply] of (await Promise.all(burst)).entries()) {
        expect(reply).toEqual({ calls: done + n + 1, payload: { n } });
      }
    }
    await eventually('every print is logged', () => lines === 10_000);
    await synapse.dispose();
  });

  it('are answered with PYTHONUNBUFFERED=1 as well', async () => {
    const end = await runHost('ten-thousand.mjs', [sharedModule('raw')], {
      env: { PYTHONUNBUFFERED: '1' },
    });
    expect(end).toMatchObject({ code: 0, stdout: 'calls 10000\nlines 10000\n' });
  });
});
