// A native module that cannot start: one clear error with the reason, and no second try.
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { connect } from '../support/connect.js';
import { runHost } from '../support/host.js';
import { childrenOf, isAlive, processesNaming } from '../support/processes.js';
import { copyOfModule, linesOf, sharedModule } from '../support/scratch.js';
import { errorOf, eventually, timed } from '../support/waiting.js';

describe('A module that cannot start', () => {
  const directory = copyOfModule('native');

  it.each([
    [
      'start_import_error',
      ['ModuleNotFoundError', 'a_package_that_is_nowhere', 'start_import_error.py'],
    ],
    ['start_syntax_error', ['SyntaxError', 'start_syntax_error.py', 'line 5']],
    ['start_no_module', ['start_no_module', 'Module']],
    ['start_two_modules', ['start_two_modules', 'first', 'second']],
    ['start_exits', ['SystemExit', '4']],
    ['start_setup_fails', ['FileNotFoundError', 'weights.bin']],
  ])('tells why, once: %s', async (entrypoint, says) => {
    const { value, ms } = await timed(() =>
      errorOf(connect(directory, { entrypoint, dialect: 'native' })),
    );
    expect(value).toMatchObject({ name: 'ModuleStartError', code: 'MODULE_START_FAILED' });
    const told = `${value.message}\n${JSON.stringify(value.details)}\n${String((value as { traceback?: string }).traceback)}`;
    for (const text of says) expect(told).toContain(text);
    expect(told).not.toContain('launch.py');
    const starts = linesOf(join(directory, `${entrypoint.replace('start_', 'starts-')}.txt`));
    expect(starts.length).toBeLessThanOrEqual(1);
    // The first of them builds the environment, and that is not what is timed here.
    if (entrypoint !== 'start_import_error') expect(ms).toBeLessThan(5000);
  });

  it('for want of a package shows why once, where, and what to do last', async () => {
    const error = await errorOf(
      connect(directory, { entrypoint: 'start_import_error', dialect: 'native' }),
    );
    expect(error.message).toMatch(/\n {2}File ".*start_import_error\.py", line \d+/);
    expect(error.message).toMatch(
      /\n\nWhat to do: If "a_package_that_is_nowhere" is a package, add it .* to .*\/requirements\.txt.*$/,
    );
    const printed = inspect(error);
    expect(printed.split('Traceback (most recent call last)')).toHaveLength(2);
    expect(error).toMatchObject({
      details: { hint: expect.stringContaining('requirements.txt') },
      stderrTail: expect.stringContaining('Traceback'),
      cause: { pythonType: 'ModuleNotFoundError', traceback: expect.stringContaining('File "') },
    });
  });

  it('leaves no process', () => {
    expect(processesNaming(directory)).toEqual([]);
  });

  it('with four workers is one error too', async () => {
    const failure = await errorOf(
      connect(directory, { entrypoint: 'start_setup_fails', workers: 4 }),
    );
    expect(failure.code).toBe('MODULE_START_FAILED');
    await eventually('no process is left', () => processesNaming(directory).length === 0);
  });

  it('because it hangs can be given up by a signal, and leaves no process', async () => {
    const stop = new AbortController();
    const before = childrenOf(process.pid).filter(isAlive);
    const failure = errorOf(connect(directory, { entrypoint: 'start_hangs', signal: stop.signal }));
    const [pid] = await eventually('it hangs', () => {
      const lines = linesOf(join(directory, 'hangs.pid'));
      return lines.length > 0 ? lines : undefined;
    });
    stop.abort();
    expect((await failure).name).toBe('AbortError');
    await eventually('it has gone', () => !isAlive(Number(pid)));
    expect(childrenOf(process.pid).filter(isAlive)).toEqual(before);
  });
});

describe('A host without file descriptors', () => {
  it.each([
    ['spawned', 'by the calls that need a new one'],
    ['forked', 'needs no more for a new one than the old one had'],
  ])('is told so by connect() where workers are %s, %s, and goes on', async (how) => {
    const zygote = String(how === 'forked' && process.platform === 'linux');
    const end = await runHost('few-descriptors.mjs', [sharedModule('native'), zygote]);
    expect(end.stderr).toBe('');
    const started = {
      name: 'ModuleStartError',
      code: 'MODULE_START_FAILED',
      message: expect.stringContaining('too many files open'),
    };
    expect(JSON.parse(end.stdout)).toEqual({
      connecting: Array(5).fill(started),
      left: [0, 0, 0, 0, 0],
      calling: zygote === 'true' ? 6 : started,
      after: 6,
      unheard: [],
    });
  });
});
