/** Listeners of a client's events, and what happens to those that throw. */
import { describe, expect, it } from '@jest/globals';
import type { ClientListener } from '../../../src/core/client/events.js';
import { EventHub } from '../../../src/node/observe/event-hub.js';
import { uncaughtIn } from '../support/uncaught.js';

const RETRY = { method: 'quote', attempt: 2, pid: 7 };

describe('The events of a client', () => {
  it('reach those that listen to them, in order, until they are taken back', () => {
    const hub = new EventHub();
    const told: unknown[] = [];
    const off = hub.on('retry', (event) => told.push(['first', event]));
    hub.on('retry', ({ attempt }) => told.push(['second', attempt]));
    hub.on('drain', () => told.push('drain'));
    hub.emit('retry', RETRY);
    off();
    off();
    hub.emit('retry', RETRY);
    hub.emit('drain', undefined);
    expect(told).toEqual([['first', RETRY], ['second', 2], ['second', 2], 'drain']);
  });

  it('reach a function twice that listens twice', () => {
    const hub = new EventHub();
    let heard = 0;
    const listener = (): void => {
      heard += 1;
    };
    const off = hub.on('drain', listener);
    hub.on('drain', listener);
    hub.emit('drain', undefined);
    off();
    hub.emit('drain', undefined);
    expect(heard).toBe(3);
  });

  it('reach those that were there when they happened', () => {
    const hub = new EventHub();
    const told: string[] = [];
    hub.on('drain', () => {
      hub.on('drain', () => told.push('late'));
      told.push('early');
    });
    hub.emit('drain', undefined);
    expect(told).toEqual(['early']);
  });

  it('reach the others when a listener throws, which is an uncaught exception', async () => {
    const hub = new EventHub();
    const told: string[] = [];
    const failure = new Error('listener');
    hub.on('drain', () => {
      throw failure;
    });
    hub.on('drain', () => told.push('other'));
    expect(await uncaughtIn(() => hub.emit('drain', undefined))).toEqual([failure]);
    expect(told).toEqual(['other']);
  });

  it('are these, and listeners are functions', () => {
    const hub = new EventHub();
    const listen = (event: string, listener: unknown) => () =>
      hub.on(event as 'drain', listener as ClientListener<'drain'>);
    expect(listen('exit', () => undefined)).toThrow(
      'A client has no event "exit"; it has circuit, drain, recycle, retry, timeout, unresponsive, worker, workerExit.',
    );
    expect(listen('toString', () => undefined)).toThrow('no event "toString"');
    expect(listen('drain', 5)).toThrow('The listener of "drain" must be a function, not 5.');
  });
});
