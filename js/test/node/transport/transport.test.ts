/** What every transport of Node's must do; the other end is `cat`, which sends back what it gets. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import { PipeTransport } from '../../../src/node/transport/pipes.js';
import { SocketTransport } from '../../../src/node/transport/socket.js';
import type { StreamTransport } from '../../../src/node/transport/stream-transport.js';
import { eventually } from '../support/waiting.js';

let child: ChildProcess | undefined;
let folder: string | undefined;
afterEach(() => {
  child?.kill('SIGKILL');
  if (folder !== undefined) rmSync(folder, { recursive: true });
  folder = undefined;
});

function overStdio(): StreamTransport {
  child = spawn('cat', { stdio: ['pipe', 'pipe', 'ignore'] });
  if (child.stdout === null || child.stdin === null) throw new Error('no pipes');
  return new SocketTransport(child.stdout, child.stdin);
}

function overPipes(): StreamTransport {
  folder = mkdtempSync(join(tmpdir(), 'synapse-pipes-'));
  const [there, back] = [join(folder, 'there'), join(folder, 'back')];
  execFileSync('mkfifo', [there, back]);
  child = spawn('sh', ['-c', 'exec cat < "$0" > "$1"', there, back], { stdio: 'ignore' });
  // Opening to read never waits; to write, both ends are opened so that it does not either.
  const readFd = openSync(back, constants.O_RDONLY | constants.O_NONBLOCK);
  const hold = openSync(there, constants.O_RDWR | constants.O_NONBLOCK);
  return new PipeTransport(readFd, hold);
}

describe.each([
  ['the stdio of a process', overStdio],
  ['pipes', overPipes],
])('A transport over %s', (name, create) => {
  it('brings every byte in order, in whatever pieces, and gives memory back', async () => {
    const transport = create();
    const chunks: Buffer[] = [];
    let closed = 0;
    transport.open({
      onBytes: (chunk) => chunks.push(Buffer.from(chunk)),
      onDrain: () => undefined,
      onClose: () => {
        closed += 1;
      },
    });
    const sent = Buffer.alloc(3_000_000, 'the quick brown fox ');
    let released = 0;
    for (let at = 0; at < sent.length; at += 100_000) {
      transport.send(sent.subarray(at, at + 100_000), () => {
        released += 1;
      });
    }
    const received = (): number => chunks.reduce((sum, { length }) => sum + length, 0);
    await eventually('all bytes are back', () => received() === sent.length);
    expect(Buffer.concat(chunks).equals(sent)).toBe(true);
    expect(released).toBe(30);
    transport.destroy();
    transport.destroy();
    expect(closed).toBe(1);
  });

  it('sends parts together, in order with what is sent before and behind them', async () => {
    const transport = create();
    const chunks: Buffer[] = [];
    transport.open({
      onBytes: (chunk) => chunks.push(Buffer.from(chunk)),
      onDrain: () => undefined,
      onClose: () => undefined,
    });
    const sent: Uint8Array[] = [];
    const told: (boolean | undefined)[] = [];
    // Of one there is room at once, of others only a part or none; one is more than a system call takes.
    for (const sizes of [[3, 5], [2, 40_000, 0, 1_500_000, 7], [4], Array(1500).fill(3), [9, 9]]) {
      const parts = sizes.map((size: number, at: number) =>
        Buffer.alloc(size, `${at} of ${size},`),
      );
      sent.push(...parts, Buffer.from('between'));
      transport.sendParts(parts, (undelivered) => told.push(undelivered));
      transport.send(Buffer.from('between'), () => undefined);
    }
    const whole = Buffer.concat(sent);
    await eventually('all of them are back', () => Buffer.concat(chunks).length === whole.length);
    expect(Buffer.concat(chunks).equals(whole)).toBe(true);
    expect(told).toEqual([false, false, false, false, false]);
    transport.destroy();
    transport.sendParts([Buffer.from('late')], (undelivered) => told.push(undelivered));
    expect(told.at(-1)).toBe(true);
  });

  it('is congested while the other end does not take what it gets, and tells when it has', async () => {
    const transport = create();
    let drains = 0;
    transport.open({
      onBytes: () => undefined,
      onDrain: () => {
        drains += 1;
      },
      onClose: () => undefined,
    });
    child?.kill('SIGSTOP');
    transport.send(Buffer.alloc(8_000_000), () => undefined);
    expect(transport.congested).toBe(true);
    child?.kill('SIGCONT');
    await eventually('it has room again', () => drains > 0);
    expect(transport.congested).toBe(false);
    transport.destroy();
  });

  it('tells once when the other end has gone, and takes nothing more', async () => {
    const transport = create();
    let closed = 0;
    let echoed = 0;
    transport.open({
      onBytes: ({ length }) => {
        echoed += length;
      },
      onDrain: () => undefined,
      onClose: () => {
        closed += 1;
      },
    });
    transport.send(Buffer.from('x'), () => undefined);
    await eventually('the other end is there', () => echoed === 1);
    child?.kill('SIGKILL');
    await eventually('it is closed', () => closed > 0);
    const undelivered = await new Promise<boolean>((resolve) => {
      transport.send(Buffer.from('late'), resolve);
    });
    expect([closed, undelivered]).toEqual([1, true]);
  });

  it('ended lets the other end finish', async () => {
    // This test holds the pipe open itself; with a worker nobody does.
    if (name === 'pipes') return;
    const transport = create();
    const chunks: string[] = [];
    let closed = false;
    transport.open({
      onBytes: (chunk) => chunks.push(Buffer.from(chunk).toString()),
      onDrain: () => undefined,
      onClose: () => {
        closed = true;
      },
    });
    transport.send(Buffer.from('last words'), () => undefined);
    transport.end();
    await eventually('it is closed', () => closed);
    expect(chunks.join('')).toBe('last words');
  });
});

it('A pipe is read straight to where the bytes belong, if the receiver says it', async () => {
  const transport = overPipes();
  const room = new Uint8Array(1_000_000);
  let filled = 0;
  let inPlace = 0;
  transport.open({
    onBytes: (chunk) => {
      if (chunk.buffer === room.buffer) inPlace += chunk.length;
      else room.set(chunk, filled);
      filled += chunk.length;
    },
    vacancy: () => room.subarray(filled),
    onDrain: () => undefined,
    onClose: () => undefined,
  });
  const sent = Buffer.alloc(room.length, 'the quick brown fox ');
  transport.send(sent, () => undefined);
  await eventually('all bytes are back', () => filled === sent.length);
  expect(sent.equals(room)).toBe(true);
  expect(inPlace).toBeGreaterThan(room.length / 2);
  transport.destroy();
});

it('A write that was joined with others is not said to be undelivered, for a part may have arrived', async () => {
  // It reads all of the first write and the beginning of the second, which holds many messages.
  child = spawn('head', ['-c', '310000'], { stdio: ['pipe', 'pipe', 'ignore'] });
  if (child.stdout === null || child.stdin === null) throw new Error('no pipes');
  const transport = new SocketTransport(child.stdout, child.stdin);
  transport.open({ onBytes: () => undefined, onDrain: () => undefined, onClose: () => undefined });
  const ends = [300_000, ...Array.from({ length: 2000 }, () => 1000)].map(
    (length) => new Promise<boolean>((done) => transport.send(new Uint8Array(length), done)),
  );
  const undelivered = await Promise.all(ends);
  // Ten of the small ones were read, and of no other can it be known.
  expect(undelivered.slice(0, 11)).toEqual(Array.from({ length: 11 }, () => false));
});

it('A socket that fails while its transport rests brings first what had been read', async () => {
  const socket = new Duplex({ read: () => undefined });
  const transport = new SocketTransport(socket, socket);
  const seen: unknown[] = [];
  const failure = new Error('read ECONNRESET');
  await new Promise<void>((closed) => {
    transport.open({
      onBytes: (chunk) => {
        seen.push(`${chunk}`);
        transport.pause();
        if (seen.length > 1) return;
        socket.push('while it ');
        socket.push('rests');
        socket.destroy(failure);
      },
      onDrain: () => undefined,
      onClose: (error) => {
        seen.push(error);
        closed();
      },
    });
    socket.push('before, ');
  });
  expect(seen).toEqual(['before, ', 'while it rests', failure]);
});
