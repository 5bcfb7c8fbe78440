// Sizes, pieces, and the world a raw script finds itself in.
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Synapse } from 'synapse-worker';
import { runHost } from '../support/host.js';
import { newFolder, sharedModule } from '../support/scratch.js';
import { timed } from '../support/waiting.js';

const raw = sharedModule('raw');
const MiB = 1024 * 1024;

interface Facts {
  name: string;
  file: string;
  argv: string[];
  path0: string;
  cwd: string;
  prefix: string;
  main_is_this_module: boolean;
}

describe('Messages of a raw script', () => {
  const synapse = new Synapse();
  beforeAll(() => synapse.spawn(raw, 'deeds'));
  afterAll(() => synapse.dispose());

  it('may come in pieces of one byte', async () => {
    const value = { list: Array.from({ length: 200 }, (_, n) => n), text: 'pieces' };
    expect(await synapse.call({ do: 'answer_in_bits', value })).toEqual(value);
  });

  it('of 64 MB arrive whole, both ways, in a time linear in their size', async () => {
    const echo = new Synapse();
    await echo.spawn(raw, 'echo');
    const roundTrip = async (bytes: number): Promise<number> => {
      const sent = Buffer.alloc(bytes, 'abcdefgh');
      const { value, ms } = await timed(() => echo.call<Uint8Array>(sent));
      expect(Buffer.compare(Buffer.from(value.buffer, value.byteOffset, value.length), sent)).toBe(
        0,
      );
      return ms;
    };
    await roundTrip(MiB);
    const small = Math.min(await roundTrip(8 * MiB), await roundTrip(8 * MiB));
    const large = await roundTrip(64 * MiB);
    // Eight times the bytes: eight times the time, and as much again for noise. Quadratic would be sixty-four.
    expect(large).toBeLessThan(16 * small + 1000);
    await echo.dispose();
  });

  it('of a 64 MB reply do not stop the event loop for long', async () => {
    let longest = 0;
    let last = performance.now();
    const watch = setInterval(() => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    }, 5);
    const reply = await synapse.call<Uint8Array>({ do: 'many_bytes', bytes: 64 * MiB });
    clearInterval(watch);
    expect(reply.length).toBe(64 * MiB);
    expect(longest).toBeLessThan(1000);
  });
});

describe('A raw script finds the world as `python file.py` gives it', () => {
  const factsOf = async (directory: string, entrypoint = 'deeds'): Promise<Facts> => {
    const synapse = new Synapse();
    await synapse.spawn(directory, entrypoint);
    const facts = await synapse.call<Facts>({ do: 'facts' });
    await synapse.dispose();
    return facts;
  };

  it('runs as __main__, and __main__ is its own module', async () => {
    const facts = await factsOf(raw);
    expect(facts.name).toBe('__main__');
    expect(facts.main_is_this_module).toBe(true);
  });

  it('has the host’s working directory', async () => {
    expect((await factsOf(raw)).cwd).toBe(process.cwd());
  });

  it('has its own path as sys.argv[0], and nothing else in sys.argv', async () => {
    const facts = await factsOf(raw);
    expect(facts.argv).toHaveLength(1);
    expect(realpathSync(facts.argv[0] ?? '')).toBe(join(raw, 'deeds.py'));
    expect(realpathSync(facts.file)).toBe(join(raw, 'deeds.py'));
  });

  it('has its own folder as sys.path[0]', async () => {
    expect(realpathSync((await factsOf(raw)).path0)).toBe(raw);
  });

  it('runs in the environment beside it', async () => {
    expect((await factsOf(raw)).prefix).toBe(join(raw, '.venv'));
  });

  it('can pickle its own classes, read its own hints, and import its neighbours', async () => {
    const synapse = new Synapse();
    await synapse.spawn(raw, 'types_of_main');
    expect(await synapse.call('x')).toEqual({
      class: '__main__.Point',
      hints: { x: 'float' },
      sibling: 42,
    });
    await synapse.dispose();
  });

  it('may open its channel as descriptors 0 and 1 in bytes mode', async () => {
    const synapse = new Synapse();
    await synapse.spawn(raw, 'other_readers');
    for (let n = 0; n < 20; n += 1) expect(await synapse.call(n)).toEqual(['seen', n]);
    await synapse.dispose();
  });

  it('may talk a great deal before its first read', async () => {
    const synapse = new Synapse();
    await synapse.spawn(raw, 'slow_to_read');
    expect(await synapse.call('ready')).toBe('ready');
    await synapse.dispose();
  });

  it('follows the host into another working directory', async () => {
    const elsewhere = newFolder();
    const end = await runHost('facts.mjs', [raw], { cwd: elsewhere });
    const facts = JSON.parse(end.stdout) as Facts;
    expect(facts.cwd).toBe(elsewhere);
    expect(facts.path0).toBe(raw);
  });
});
