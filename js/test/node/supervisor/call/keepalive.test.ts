/** What keeps the host's event loop alive, and what does not. */
import { describe, expect, it, jest } from '@jest/globals';
import { Keepalive } from '../../../../src/node/supervisor/call/keepalive.js';
import { nativeClient } from '../../support/launch.js';

describe('The host', () => {
  it('is kept alive for a stream only while somebody waits for an item or for its end', async () => {
    const hold = jest.spyOn(Keepalive.prototype, 'hold');
    const release = jest.spyOn(Keepalive.prototype, 'release');
    const held = (): number => hold.mock.calls.length - release.mock.calls.length;
    try {
      const client = await nativeClient();
      expect(held()).toBe(0);
      const stream = client.stream('count', [1_000_000]);
      const read = stream.next();
      expect(held()).toBe(1);
      await read;
      expect(held()).toBe(0);
      const left = stream.return();
      expect(held()).toBe(1);
      await left;
      expect(held()).toBe(0);
      const call = client.call('nap', [0.01]);
      expect(held()).toBe(1);
      await call;
      expect(held()).toBe(0);
    } finally {
      hold.mockRestore();
      release.mockRestore();
    }
  });
});
