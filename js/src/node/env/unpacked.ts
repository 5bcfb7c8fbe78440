/** Whether an unpacked wheel still has all its files: whatever cleans caches and temporary folders takes single ones. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Lines of a wheel's RECORD: path, hash and size; RECORD itself has neither of the two. */
const ENTRY = /^([^",]+),[^,]+,(\d+)\r?$/gm;

/**
 * Whether every file that the wheel lists lies in `folder` in its size.
 *
 * @param wheel file name of the wheel that was unpacked there
 */
export async function isWhole(folder: string, wheel: string): Promise<boolean> {
  const [name, version] = wheel.split('-');
  try {
    const record = await readFile(join(folder, `${name}-${version}.dist-info`, 'RECORD'), 'utf8');
    const checks = Array.from(record.matchAll(ENTRY), async ([, path = '', size]) => {
      return (await stat(join(folder, path))).size === Number(size);
    });
    return !(await Promise.all(checks)).includes(false);
  } catch {
    return false;
  }
}
