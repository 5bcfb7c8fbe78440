// The disk is full while an environment is built: a small file system of its own, where mounting is allowed (root on Linux).
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { run } from '../support/programs.js';
import { copyOfModule, newFolder, scratchRoot } from '../support/scratch.js';

const mayMount = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;
const host = join(scratchRoot, 'hosts/try-connect.mjs');

/** Connects on a disk of `size`, then says what is left there, then connects again when there is room. */
const script = `
mount -t tmpfs -o size="$1" tmpfs "$2" && cp -r "$3" "$2/module" || exit 1
"$4" "$5" "$2/module" 2>/dev/null
mount -o remount,size=300m "$2" || exit 1
"$4" "$5" "$2/module" 2>/dev/null
`;

(mayMount ? describe : describe.skip)('A disk that is full while the environment is built', () => {
  it.each(['1m', '3m'])(
    'of %s is named as the reason, and with room the next build succeeds',
    async (size) => {
      const mountPoint = join(newFolder(), 'disk');
      mkdirSync(mountPoint);
      const end = await run(
        'unshare',
        [
          ...['-m', 'sh', '-c', script, 'sh'],
          ...[size, mountPoint, copyOfModule('native'), process.execPath, host],
        ],
        { withinMs: 100_000 },
      );
      const [failure = '', success, ...more] = end.stdout.trim().split('\n');
      expect(JSON.parse(failure)).toMatchObject({
        code: 'ENVIRONMENT_UNWRITABLE',
        message: expect.stringMatching(/No space left on device/),
      });
      expect(success).toBe('connected');
      expect(more).toEqual([]);
    },
    120_000,
  );
});
