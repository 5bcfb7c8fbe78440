import { expect, jest, test } from '@jest/globals';
import { createProgress } from '../../../src/node/env/progress.js';

/** Collects what is written, as the terminal, pipe or log it stands for. */
function output(isTTY: boolean, columns = 80) {
  const written: string[] = [];
  return { isTTY, columns, written, write: (text: string) => written.push(text) };
}

const INSTALLING = { event: 'phase', phase: 'install', message: 'Installing 4 packages' } as const;
const HALF = { event: 'progress', phase: 'install', done: 2, total: 4, unit: 'packages' } as const;

test('in CI each stage is one plain line', () => {
  const out = output(false);
  const progress = createProgress('pricing', out, { CI: 'true' });
  progress.show(INSTALLING);
  progress.show(HALF);
  progress.show({ event: 'log', line: 'noise of a tool' });
  progress.finish(true);
  expect(out.written.join('')).toMatch(
    /^synapse: pricing: Installing 4 packages\nsynapse: pricing: ready in \d+\.\d s\n$/,
  );
});

test('embedded in another program it says nothing', () => {
  const out = output(false);
  const progress = createProgress('pricing', out, {});
  progress.show(INSTALLING);
  progress.finish(true);
  expect(out.written).toEqual([]);
});

test('in a terminal a bar is drawn in one line and replaced by one line when done', () => {
  jest.useFakeTimers({ doNotFake: ['performance'] });
  try {
    const out = output(true);
    const progress = createProgress('pricing', out, { TERM: 'xterm' });
    progress.show(INSTALLING);
    progress.show(HALF);
    jest.advanceTimersByTime(1000);
    expect(out.written.at(-1)).toContain(
      'pricing ████████████░░░░░░░░░░░░ Installing 4 packages: 2 of 4 (',
    );
    progress.finish(true);
    expect(out.written.join('').split('\n')).toHaveLength(2);
    const drawn = out.written.length;
    jest.advanceTimersByTime(1000);
    expect(out.written).toHaveLength(drawn);
  } finally {
    jest.useRealTimers();
  }
});

test('a bar never wraps around a narrow terminal', () => {
  const out = output(true, 20);
  const progress = createProgress('a-module-with-a-long-name', out, {});
  progress.finish(false);
  const bars = out.written.map((text) => text.replaceAll('\r\u001b[2K', ''));
  expect(Math.max(...bars.map((text) => [...text].length))).toBeLessThan(20);
});

test('a terminal that does not know its width counts as one of 80 columns', () => {
  const out = output(true, 0);
  createProgress('pricing', out, { TERM: 'xterm' }).finish(false);
  expect(out.written.join('')).toContain('pricing Preparing');
});

test('a terminal that cannot move its cursor gets plain lines', () => {
  const out = output(true);
  const progress = createProgress('pricing', out, { TERM: 'dumb' });
  progress.show(INSTALLING);
  progress.show(HALF);
  progress.finish(false);
  expect(out.written.join('')).toBe('synapse: pricing: Installing 4 packages\n');
});

test('phases that alternate are one plain line each, warnings always one', () => {
  const out = output(false);
  const progress = createProgress('pricing', out, { CI: '1' });
  const building = { event: 'phase', phase: 'build', message: 'Building' } as const;
  for (const event of [INSTALLING, building, INSTALLING]) progress.show(event);
  progress.show({ event: 'warning', message: 'mind the lock' });
  progress.finish(false);
  expect(out.written).toEqual([
    'synapse: pricing: Installing 4 packages\n',
    'synapse: pricing: Building\n',
    'synapse: warning: mind the lock\n',
  ]);
});

test('of two builds at once the older has the line, the younger takes it over', () => {
  jest.useFakeTimers({ doNotFake: ['performance'] });
  try {
    const [older, younger] = [output(true), output(true)];
    const first = createProgress('older', older, { TERM: 'xterm' });
    const second = createProgress('younger', younger, { TERM: 'xterm' });
    jest.advanceTimersByTime(1000);
    expect(older.written.length).toBeGreaterThan(5);
    expect(younger.written).toEqual([]);
    first.finish(true);
    jest.advanceTimersByTime(1000);
    expect(younger.written.join('')).toContain('younger Preparing');
    second.finish(true);
  } finally {
    jest.useRealTimers();
  }
});

test('the line is taken away when a signal ends the process, and nobody listens afterwards', () => {
  const others = jest.fn();
  process.on('SIGINT', others); // so that it does not end this one
  try {
    const before = process.listenerCount('SIGINT');
    const out = output(true);
    const progress = createProgress('pricing', out, { TERM: 'xterm' });
    const drawn = out.written.length;
    process.emit('SIGINT', 'SIGINT');
    expect(out.written.slice(drawn)).toEqual(['\r\u001b[2K']);
    expect(others).toHaveBeenCalledTimes(1);
    progress.finish(false);
    expect(process.listenerCount('SIGINT')).toBe(before);
  } finally {
    process.off('SIGINT', others);
  }
});
