/** LOG messages of workers, as users get them. */
import { describe, expect, it } from '@jest/globals';
import { logRecordFromWire } from '../../../../src/node/supervisor/connection/log-record.js';

describe('A log record', () => {
  it('has what logging knows, and the call that it is of', () => {
    const body = { level: 'ERROR', logger: 'app', message: 'hot', file: 'main.py', line: 7 };
    const origin = { callId: 3, method: 'quote', traceId: 'ab' };
    expect(logRecordFromWire({ ...body, extra: { k: 1 } }, 9, origin)).toEqual({
      ...body,
      ...{ source: 'logging', pid: 9, extra: { k: 1 }, callId: 3, method: 'quote', traceId: 'ab' },
    });
  });

  it('of a call that has ended has its id alone', () => {
    const origin = { callId: 3, method: undefined, traceId: undefined };
    const record = logRecordFromWire({ level: 20, message: 'late' }, 9, origin);
    expect(record).toEqual({
      source: 'logging',
      level: 'INFO',
      message: 'late',
      pid: 9,
      callId: 3,
    });
  });

  it.each([
    ['stdout', 'INFO'],
    ['stderr', 'WARNING'],
  ])('can be a line that the call printed to %s', (source, level) => {
    const record = logRecordFromWire({ source, message: 'hello\n' }, 9);
    expect(record).toEqual({ source, level, message: 'hello\n', pid: 9 });
  });

  it('leaves out what is not of its type', () => {
    const body = { level: 35, logger: 1, file: 2, line: 'x', message: 5, extra: null, source: 'x' };
    expect(logRecordFromWire(body, undefined)).toEqual({
      ...{ source: 'logging', level: 'WARNING', message: '5', pid: undefined },
    });
  });
});
