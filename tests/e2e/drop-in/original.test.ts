// What the original package promised its users, in the order of its README: a caller who changes the import only.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { tap } from 'rxjs';
import { Synapse } from 'synapse-worker';
import { newModule, sharedModule } from '../support/scratch.js';
import { eventually } from '../support/waiting.js';

const directory = sharedModule('raw');

describe('The drop-in class, as users of the original know it', () => {
  let synapse: Synapse;
  beforeEach(() => {
    synapse = new Synapse();
  });
  afterEach(() => synapse.dispose());

  it('answers a call with what the script sent back', async () => {
    await synapse.spawn(directory, 'echo');
    const reply = await synapse.call({ foo: 'bar' });
    expect(reply).toEqual({ foo: 'bar' });
  });

  it('answers calls one after the other', async () => {
    await synapse.spawn(directory, 'echo');
    for (const foo of ['bar1', 'bar2', 'bar3']) {
      expect((await synapse.call<{ foo: string }>({ foo })).foo).toBe(foo);
    }
  });

  it('answers calls made at once, each with its own reply', async () => {
    await synapse.spawn(directory, 'echo');
    const names = ['bar1', 'bar2', 'bar3'];
    const replies = await Promise.all(names.map((foo) => synapse.call<{ foo: string }>({ foo })));
    expect(replies.map((reply) => reply.foo)).toEqual(names);
  });

  it('shows the log line a script writes at its start, to a subscriber who unsubscribes in his own tap', async () => {
    let seen = '';
    const subscription = synapse.instanceLogs
      .pipe(
        tap((line) => {
          seen = line;
          subscription.unsubscribe();
        }),
      )
      .subscribe();
    await synapse.spawn(directory, 'echo');
    await synapse.call({ foo: 'bar' });
    expect(seen).toBe('🐍 Python: script running\n');
  });

  it('shows that first line also when the environment had to be built', async () => {
    const fresh = newModule({
      'requirements.txt': '',
      'main.py': 'import sys\nprint("script running", file=sys.stderr)\nsys.stdin.buffer.read(4)\n',
    });
    const seen: string[] = [];
    synapse.instanceLogs.subscribe((line) => seen.push(line));
    await synapse.spawn(fresh, 'main');
    // The line travels beside the protocol: under load it may come a moment after the spawn.
    await eventually('the line is shown', () => seen.length > 0);
    expect(seen).toEqual(['🐍 Python: script running\n']);
  });

  it('works again after dispose and a second spawn', async () => {
    await synapse.spawn(directory, 'echo');
    await synapse.dispose();
    await synapse.spawn(directory, 'echo');
    expect(await synapse.call({ foo: 'bar' })).toEqual({ foo: 'bar' });
  });

  it('rejects with the raw value of an error reply', async () => {
    await synapse.spawn(directory, 'echo');
    await expect(synapse.call('throw_error')).rejects.toBe('test_error');
  });

  it('refuses a call before spawn', async () => {
    await expect((async () => synapse.call({ foo: 'bar' }))()).rejects.toThrow(
      /^Cannot send inputs to instance before spawning it\.$/,
    );
  });

  it('refuses a directory that is not there', async () => {
    await expect(synapse.spawn('invalid-directory', 'main')).rejects.toThrow(
      /^Directory "invalid-directory" does not exist\.$/,
    );
  });

  it('refuses an entrypoint that is not there', async () => {
    await expect(synapse.spawn(directory, 'invalid-entrypoint')).rejects.toThrow(
      /^Entrypoint "invalid-entrypoint\.py" does not exist\.$/,
    );
  });

  it('refuses a module without requirements', async () => {
    const bare = newModule({ 'main.py': '' });
    await expect(synapse.spawn(bare, 'main')).rejects.toThrow(
      /^"requirements\.txt" file is missing\.$/,
    );
  });
});
