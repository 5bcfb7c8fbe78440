// A signal that Python may have missed is sent again, a bounded number of times.
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { Nudge } from '../../../../src/node/supervisor/connection/nudge.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

it('signals at once, three times more soon after, and five times ever more rarely', () => {
  let sent = 0;
  new Nudge(() => {
    sent += 1;
  }).start();
  expect(sent).toBe(1);
  jest.advanceTimersByTime(30);
  expect(sent).toBe(4);
  jest.advanceTimersByTime(150);
  expect(sent).toBe(7);
  jest.advanceTimersByTime(1000);
  expect(sent).toBe(9);
  expect(jest.getTimerCount()).toBe(0);
});

it('repeats the last signal of many alone', () => {
  let sent = 0;
  const nudge = new Nudge(() => {
    sent += 1;
  });
  for (let count = 0; count < 5; count += 1) nudge.start();
  expect(jest.getTimerCount()).toBe(1);
  jest.advanceTimersByTime(1000);
  expect(sent).toBe(13);
});

it('ends with its process', () => {
  let sent = 0;
  const nudge = new Nudge(() => {
    sent += 1;
  });
  nudge.start();
  nudge.stop();
  jest.advanceTimersByTime(1000);
  expect(sent).toBe(1);
});
