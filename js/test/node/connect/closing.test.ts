/** What `close()` can be told. */
import { describe, expect, it } from '@jest/globals';
import { nativeClient } from '../support/launch.js';
import { errorOf } from '../support/waiting.js';

describe('Closing a client', () => {
  it('waits for calls as long as it is told, not as long as the client would', async () => {
    const client = await nativeClient({ closeTimeoutMs: 60_000 });
    const call = errorOf(client.call('nap', [60]));
    const before = performance.now();
    await client.close({ drainMs: 50 });
    expect(performance.now() - before).toBeLessThan(20_000);
    expect((await call).code).toBe('CLOSED');
  });

  it.each([
    [{ drainMs: -1 }, 'drainMs must be a number of at least 0, not -1.'],
    [{ drain: 5 }, 'close() has no option "drain"; it has drainMs.'],
    [5, 'The options of close() must be an object, not 5.'],
  ])('is refused what makes no sense: %j', async (options, message) => {
    const client = await nativeClient();
    expect(() => client.close(options as never)).toThrow(message);
  });
});
