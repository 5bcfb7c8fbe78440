/**
 * Memory for large buffers, taken from what earlier ones left rather than from the system.
 *
 * A fresh page costs more than what is read into it. The allocator of most Linux systems (glibc) gives what is freed
 * back to the system until a larger buffer than the one at hand was ever freed: then it keeps up to twice as much as
 * that was. So one of the largest it heeds is made, left untouched and dropped: a result of 1 MiB then takes 10 page
 * faults instead of 70 to 220, one of 16 MiB 220 instead of 300 to 4,000, and what is kept is 64 MiB at most. Where
 * there is another allocator nothing is gained, and nothing lost. Buffers above 32 MiB are always made of fresh pages.
 */

/** The most that glibc heeds (`DEFAULT_MMAP_THRESHOLD_MAX`) is 32 MiB, with what it adds to a buffer. */
const LARGEST_HEEDED_BYTES = 32 * 1024 * 1024 - 64 * 1024;

/** Whether the allocator of this process was told; it has one for all connections. */
let isTold = process.platform !== 'linux';

/** Returns memory that is about to be overwritten whole: what stood in it before is still there. */
export function warmMemory(bytes: number): Uint8Array<ArrayBuffer> {
  if (!isTold) {
    isTold = true;
    Buffer.allocUnsafeSlow(LARGEST_HEEDED_BYTES); // freed when garbage is collected next
  }
  return new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer as ArrayBuffer);
}
