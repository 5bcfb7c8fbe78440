import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import {
  type Closable,
  HostSignals,
} from '../../../../src/node/supervisor/process/host-signals.js';

/** A process that notes which signals it sent itself. */
class Host extends EventEmitter {
  readonly pid = 4711;
  readonly raised: string[] = [];
  kill(pid: number, signal: NodeJS.Signals): void {
    this.raised.push(`${signal} to ${pid}`);
  }
}

/** A client that closes when it is told to. */
class SlowClient implements Closable {
  readonly asked: string[] = [];
  finish!: () => void;
  readonly #closed = new Promise<void>((resolve) => {
    this.finish = resolve;
  });
  close(): Promise<void> {
    this.asked.push('close');
    return this.#closed;
  }
  terminate(): Promise<void> {
    this.asked.push('terminate');
    this.finish();
    return this.#closed;
  }
}

const turn = (): Promise<void> => new Promise((resume) => setImmediate(resume));
const count = (host: Host): number => host.listenerCount('SIGINT') + host.listenerCount('SIGTERM');

describe('A signal to this process', () => {
  it.each(['SIGINT', 'SIGTERM'])(
    '%s closes every client, then takes its course',
    async (signal) => {
      const host = new Host();
      const signals = new HostSignals(host);
      const clients = [new SlowClient(), new SlowClient()];
      for (const client of clients) signals.register(client);
      host.emit(signal, signal);
      expect(clients.map(({ asked }) => asked)).toEqual([['close'], ['close']]);
      clients[0]?.finish();
      await turn();
      expect(host.raised).toEqual([]);
      clients[1]?.finish();
      await turn();
      expect(host.raised).toEqual([`${signal} to 4711`]);
      expect(count(host)).toBe(0);
    },
  );

  it('a second time while they close ends them at once, and still is raised but once', async () => {
    const host = new Host();
    const client = new SlowClient();
    new HostSignals(host).register(client);
    host.emit('SIGINT', 'SIGINT');
    host.emit('SIGTERM', 'SIGTERM');
    expect(client.asked).toEqual(['close', 'terminate']);
    await turn();
    expect(host.raised).toEqual(['SIGINT to 4711']);
  });

  it('is not raised again where the program listens itself, for it has heard it', async () => {
    const host = new Host();
    const heard: string[] = [];
    host.on('SIGTERM', (signal: string) => heard.push(signal));
    const client = new SlowClient();
    new HostSignals(host).register(client);
    host.emit('SIGTERM', 'SIGTERM');
    client.finish();
    await turn();
    expect({ heard, raised: host.raised }).toEqual({ heard: ['SIGTERM'], raised: [] });
  });

  it('also closes a client that came while others were closing', async () => {
    const host = new Host();
    const signals = new HostSignals(host);
    const [early, late] = [new SlowClient(), new SlowClient()];
    signals.register(early);
    host.emit('SIGINT', 'SIGINT');
    signals.register(late);
    early.finish();
    await turn();
    expect(late.asked).toEqual(['close']);
    expect(host.raised).toEqual([]);
    late.finish();
    await turn();
    expect(host.raised).toEqual(['SIGINT to 4711']);
    expect(count(host)).toBe(0);
  });

  it('is let through when closing fails', async () => {
    const host = new Host();
    new HostSignals(host).register({
      close: () => Promise.reject(new Error('cannot')),
      terminate: () => Promise.resolve(),
    });
    host.emit('SIGTERM', 'SIGTERM');
    await turn();
    expect(host.raised).toEqual(['SIGTERM to 4711']);
  });
});

describe('Listening for signals', () => {
  it('takes one listener a signal for all clients, and ends with the last of them', () => {
    const host = new Host();
    const signals = new HostSignals(host);
    const takeBack = Array.from({ length: 20 }, () => signals.register(new SlowClient()));
    expect(count(host)).toBe(2);
    for (const take of takeBack) take();
    expect(count(host)).toBe(0);
  });

  it('goes on while a client that was closed by a signal is taken back', async () => {
    const host = new Host();
    const signals = new HostSignals(host);
    const [one, two] = [new SlowClient(), new SlowClient()];
    const takeBack = signals.register(one);
    signals.register(two);
    host.emit('SIGINT', 'SIGINT');
    one.finish();
    takeBack();
    await turn();
    expect(count(host)).toBe(2);
    two.finish();
    await turn();
    expect(count(host)).toBe(0);
    expect(host.raised).toEqual(['SIGINT to 4711']);
  });
});
