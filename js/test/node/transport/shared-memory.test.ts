/** Memory shared with a worker, here files of this very process; the other end of the pipes is `cat`. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  constants,
  fstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { piecesOf } from '../../../src/core/protocol/shared-segments.js';
import { PipeTransport } from '../../../src/node/transport/pipes.js';
import { TURN_BYTES, WorkerMemory } from '../../../src/node/transport/shared-memory.js';
import { eventually } from '../support/waiting.js';

const MIB = 1024 * 1024;
const PARTS = [Uint8Array.of(1), Uint8Array.of(2)];

let folder: string;
let input: number;
let output: number;
let memory: WorkerMemory;
let child: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'synapse-shared-'));
  input = openSync(join(folder, 'input'), 'w+');
  output = openSync(join(folder, 'output'), 'w+');
  for (const name of ['input', 'output']) unlinkSync(join(folder, name)); // as such memory has none
  memory = WorkerMemory.open(process.pid, { shared_input: input, shared_output: output })!;
});
afterEach(() => {
  child?.kill('SIGKILL');
  child = undefined;
  memory.close();
  closeSync(input);
  closeSync(output);
  rmSync(folder, { recursive: true });
});

const byteAt = (fd: number, at: number): number | undefined => {
  const byte = new Uint8Array(1);
  return readSync(fd, byte, 0, 1, at) === 1 ? byte[0] : undefined;
};
/** How many numbers of this process lead to what is in the folder. */
const openNumbers = (): number =>
  readdirSync('/proc/self/fd').filter((fd) => linkOf(fd).startsWith(folder)).length;
function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return ''; // that of the list itself
  }
}

describe('The memory that is written here', () => {
  it('is taken once, until the other end has read it', () => {
    expect(memory.outgoing.claim(8 * MIB)).toBe(true);
    expect(byteAt(input, 0)).toBe(1);
    expect(memory.outgoing.claim(1 * MIB)).toBe(false);
    memory.outgoing.put(new Uint8Array(3 * MIB).fill(7), 4096);
    expect([byteAt(input, 4095), byteAt(input, 4096), byteAt(input, 4095 + 3 * MIB)]).toEqual([
      0, 7, 7,
    ]);
    writeSync(input, Uint8Array.of(0), 0, 1, 0);
    expect(memory.outgoing.claim(1 * MIB)).toBe(true);
    expect(fstatSync(input).size).toBe(8 * MIB); // pages that are there are used again
  });

  it('goes back to the system when nothing has gone through it for a while, unless it is held', async () => {
    let idle = 0;
    memory.onIdle = () => {
      idle += 1;
    };
    memory.outgoing.claim(9 * MIB);
    await eventually('it is idle', () => idle > 0);
    expect(fstatSync(input).size).toBe(9 * MIB);
    writeSync(input, Uint8Array.of(0), 0, 1, 0); // the other end has taken it, later than usual
    await eventually(
      'all but a little is given back',
      () => fstatSync(input).size === 4096 + 4 * MIB,
    );
    await eventually('it can be taken again', () => memory.outgoing.claim(2 * MIB));
  });
});

describe('The memory that is read here', () => {
  it('is read in full, and refused where it ends before', async () => {
    writeSync(output, new Uint8Array(100).fill(9), 0, 100, 4096);
    const into = new Uint8Array(100);
    await memory.incoming.take(into, 4096);
    expect(into.every((byte) => byte === 9)).toBe(true);
    expect(memory.incoming.askedBytes).toBe(100);
    await expect(memory.incoming.take(into, 4097)).rejects.toThrow('ends at byte 4196');
    expect(() => memory.incoming.takeNow(into, 4097)).toThrow('ends at byte 4196');
  });

  it('is read in turns, between which others have theirs', async () => {
    const size = TURN_BYTES / 8;
    writeSync(output, new Uint8Array(4096 + 3 * TURN_BYTES).fill(9));
    let turns = 0;
    const count = (): void => {
      turns += 1;
      counting = setImmediate(count);
    };
    let counting = setImmediate(count);
    const pieces = Array.from({ length: 24 }, () => new Uint8Array(size));
    for (const [index, into] of pieces.entries()) {
      expect(await memory.incoming.take(into, 4096 + index * size)).toBe(true);
    }
    clearImmediate(counting);
    expect(turns).toBeGreaterThanOrEqual(2);
    expect(pieces.every((into) => into.every((byte) => byte === 9))).toBe(true);
  });

  it('is not closed under a read, and then is', async () => {
    writeSync(output, new Uint8Array(8 * MIB).fill(9), 0, 8 * MIB, 4096);
    const into = new Uint8Array(8 * MIB);
    const before = openNumbers();
    const taken = memory.incoming.take(into, 4096);
    memory.close();
    await taken;
    expect(into.every((byte) => byte === 9)).toBe(true);
    await eventually('both are closed', () => openNumbers() === before - 2);
    await expect(memory.incoming.take(into, 4096)).rejects.toThrow('closed');
    memory.incoming.release();
    expect(memory.outgoing.claim(1)).toBe(false);
  });
});

it('Memory that cannot be opened is done without, and so is a file that has a name', () => {
  const named = openSync(join(folder, 'named'), 'w+');
  const before = openNumbers();
  const path = join('..', '..', '..', folder, 'named') as unknown as number;
  for (const wrong of [1_000_000, -1, 0.5, undefined, named, path]) {
    const numbers = { shared_input: input, ...(wrong !== undefined && { shared_output: wrong }) };
    expect(WorkerMemory.open(process.pid, numbers)).toBeUndefined();
  }
  expect(openNumbers()).toBe(before);
  closeSync(named);
});

/** Keeps all threads of libuv from other work for a while, and the processors nearly free. */
async function withBusyThreads(test: () => Promise<void>): Promise<void> {
  const fifo = join(folder, 'never');
  execFileSync('mkfifo', [fifo]);
  // Each waits in a thread until somebody opens it to write.
  const threads = Number(process.env.UV_THREADPOOL_SIZE ?? 4);
  const readers = Array.from({ length: threads }, () => open(fifo, 'r'));
  try {
    await test();
  } finally {
    // Each is opened as soon as there is a writer; one that opens it later, while that is still there.
    const writer = openSync(fifo, constants.O_RDWR);
    for (const reader of await Promise.all(readers)) await reader.close();
    closeSync(writer);
  }
}

describe('While the threads are busy', () => {
  it('a large piece is left to others, and a smaller one is read here', () =>
    withBusyThreads(async () => {
      writeSync(output, new Uint8Array(2 * MIB).fill(9));
      const small = new Uint8Array(MIB - 1);
      expect(await memory.incoming.take(new Uint8Array(MIB), 4096)).toBe(false);
      expect(await memory.incoming.take(small, 4096)).toBe(true);
      expect(small.every((byte) => byte === 9)).toBe(true);
    }));

  it('closing waits for them', async () => {
    const before = openNumbers();
    await withBusyThreads(async () => {
      await memory.incoming.take(new Uint8Array(MIB), 4096);
      memory.close();
      await expect(memory.incoming.take(new Uint8Array(MIB), 4096)).rejects.toThrow('closed');
      expect(() => memory.incoming.takeNow(new Uint8Array(9), 4096)).toThrow('closed');
    });
    await eventually('both are closed', () => openNumbers() === before - 2);
  });
});

describe('A transport that shares memory', () => {
  function opened() {
    const [there, back] = [join(folder, 'there'), join(folder, 'back')];
    execFileSync('mkfifo', [there, back]);
    child = spawn('sh', ['-c', 'exec cat < "$0" > "$1"', there, back], { stdio: 'ignore' });
    const readFd = openSync(back, constants.O_RDONLY | constants.O_NONBLOCK);
    const writeFd = openSync(there, constants.O_RDWR | constants.O_NONBLOCK);
    const transport = new PipeTransport(readFd, writeFd, () => memory);
    const got: number[] = [];
    const told = { drains: 0, closed: 0 };
    transport.open({
      onBytes: (chunk) => got.push(...chunk),
      onDrain: () => {
        told.drains += 1;
      },
      onClose: () => {
        told.closed += 1;
      },
    });
    return { transport, got, told };
  }

  it('sends the frame, then each number when its piece is there, and then what was sent meanwhile', async () => {
    const { transport, got, told } = opened();
    const segment = new Uint8Array(9 * MIB).fill(5);
    const settled: unknown[] = [];
    const done = (name: string) => (undelivered: boolean) => settled.push([name, undelivered]);
    memory.outgoing.claim(16 * MIB);
    const pieces = piecesOf([segment]);
    transport.sendShared(PARTS, pieces, done('shared'));
    const behindTheTurn = 4096 + TURN_BYTES; // others have theirs before more is written
    expect([byteAt(input, behindTheTurn - 1), byteAt(input, behindTheTurn)]).toEqual([5, 0]);
    transport.send(Uint8Array.of(3), done('one'));
    transport.sendParts([Uint8Array.of(4), Uint8Array.of(5)], done('parts'));
    transport.sendShared([Uint8Array.of(6)], piecesOf([segment.subarray(0, 1)]), done('again'));
    transport.send(Uint8Array.of(7), done('last'));
    expect(transport.congested).toBe(true);
    const numbers = pieces.flatMap(({ number }) => [...number]);
    const all = [1, 2, ...numbers, 3, 4, 5, 6, ...[1, 0, 0, 0], 7];
    await eventually('all is back', () => got.length === all.length);
    expect(got).toEqual(all);
    expect(settled).toEqual(
      ['shared', 'one', 'parts', 'again', 'last'].map((name) => [name, false]),
    );
    expect(transport.congested).toBe(false);
    expect(told.drains).toBeGreaterThan(0);
    transport.destroy();
    expect(told.closed).toBe(1);
  });

  it('tells nobody that there is room again who could not find it congested, as one that sends', async () => {
    const { transport, got, told } = opened();
    const pieces = piecesOf([new Uint8Array(TURN_BYTES).fill(5)]);
    memory.outgoing.claim(4096 + TURN_BYTES);
    transport.sendShared(PARTS, pieces, () => undefined);
    expect(transport.congested).toBe(false);
    await eventually('all is back', () => got.length === 2 + pieces.length * 4);
    expect(told.drains).toBe(0);
    transport.destroy();
  });

  it('that is closed amid a segment tells at once of all that waits that nobody got it', async () => {
    const { transport, told } = opened();
    const settled: unknown[] = [];
    const before = openNumbers();
    memory.outgoing.claim(16 * MIB);
    transport.sendShared(PARTS, piecesOf([new Uint8Array(9 * MIB)]), () => undefined);
    transport.send(Uint8Array.of(3), (undelivered) => settled.push(undelivered));
    transport.end();
    transport.destroy();
    expect([settled, told.closed]).toEqual([[true], 1]);
    await eventually('its numbers are closed', () => openNumbers() <= before - 4);
  });

  it('sends nothing of a buffer that was taken away meanwhile, and nothing that was there before', async () => {
    const { transport, got } = opened();
    const segment = new Uint8Array(9 * MIB).fill(5);
    memory.outgoing.claim(16 * MIB);
    const pieces = piecesOf([segment]);
    structuredClone(segment.buffer, { transfer: [segment.buffer] });
    writeSync(input, Uint8Array.of(3), 0, 1, 4096);
    transport.sendShared(PARTS, pieces, () => undefined);
    await eventually('all is told', () => got.length === 2 + pieces.length * 4);
    expect([byteAt(input, 4096), byteAt(input, 4095 + 9 * MIB)]).toEqual([0, 0]);
  });

  it('breaks off where a piece cannot be put there', async () => {
    const { transport, told } = opened();
    const gone = {
      bytes: new Uint8Array(1),
      size: 1,
      at: Number.MAX_SAFE_INTEGER,
      number: PARTS[0]!,
    };
    memory.outgoing.claim(1 * MIB);
    transport.sendShared(PARTS, [gone], () => undefined);
    await eventually('it is closed', () => told.closed === 1);
    expect(told.drains).toBe(0);
  });
});
