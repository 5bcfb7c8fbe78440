/** Which trace a call is sent with, and what those are told who follow calls. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { tracingChannel } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it } from '@jest/globals';
import { CallTracer, type TraceableTask } from '../../../src/node/observe/call-tracer.js';
import { PoolRecorder } from '../../../src/node/observe/pool-recorder.js';
import type { TraceHeaders } from '../../../src/node/observe/trace-context.js';
import type { CallMessage } from '../../../src/node/observe/traced-call.js';
import { taskOf } from './observed-task.js';

const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const OTHER = '00-11111111111111111111111111111111-2222222222222222-00';

const channel = tracingChannel<unknown, CallMessage>('synapse-worker:call');
const takeBack: (() => void)[] = [];
afterEach(() => {
  for (const undo of takeBack.splice(0)) undo();
});

function taskFor(changes: Partial<TraceableTask> = {}): TraceableTask {
  return Object.assign(taskOf(changes), { meta: undefined });
}

/** Submits a task, and settles it when told to. */
function submit(
  own: TraceHeaders = {},
  current?: () => TraceHeaders | undefined,
  changes: Partial<TraceableTask> = {},
) {
  const recorder = new PoolRecorder('pricing');
  const task = taskFor(changes);
  let submitted = 0;
  new CallTracer('pricing', recorder, current).submit(task, own, (given) => {
    submitted += 1;
    recorder.onQueued(given);
  });
  return { recorder, task, submitted };
}

/** Writes down the messages of the tracing channel. */
function follow(onStart: (message: CallMessage) => void = () => undefined): string[] {
  const told: string[] = [];
  const on = (name: string) => (message: CallMessage) => {
    told.push(`${name} ${message.method}`);
    if (name === 'start') onStart(message);
  };
  const subscribers = {
    ...{ start: on('start'), end: on('end'), error: on('error') },
    ...{ asyncStart: on('asyncStart'), asyncEnd: on('asyncEnd') },
  };
  channel.subscribe(subscribers as never);
  takeBack.push(() => channel.unsubscribe(subscribers as never));
  return told;
}

describe('The trace of a call', () => {
  it('is the one it was given', () => {
    const { task } = submit({ traceparent: PARENT, tracestate: 'a=b' }, () => ({
      traceparent: OTHER,
    }));
    expect(task.meta).toEqual({ traceparent: PARENT, tracestate: 'a=b' });
  });

  it('is else the one of its surroundings', () => {
    expect(submit({}, () => ({ traceparent: OTHER })).task.meta).toEqual({ traceparent: OTHER });
    expect(submit({}, () => undefined).task.meta).toBeUndefined();
    expect(submit().task.meta).toBeUndefined();
  });

  it.each([
    'garbage',
    '',
    PARENT.toUpperCase(),
    `ff${PARENT.slice(2)}`,
    `${PARENT}-more`,
    `${PARENT}-`,
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01`,
  ])('is not passed on when it is none: %s', (traceparent) => {
    expect(submit({ traceparent, tracestate: 'a=b' }).task.meta).toBeUndefined();
  });

  it('may be of a later version, and is passed on without a state that is too long', () => {
    const later = `01${PARENT.slice(2)}-more`;
    const { task } = submit({ traceparent: later, tracestate: 'x'.repeat(513) });
    expect(task.meta).toEqual({ traceparent: later });
  });

  it('is none where asking for it gives null', () => {
    const asked = submit({}, () => null as never);
    expect([asked.submitted, asked.task.meta]).toEqual([1, undefined]);
  });

  const failure = new Error('no tracer');
  it.each<[string, () => unknown, Error | RegExp]>([
    [
      'throws',
      () => {
        throw failure;
      },
      failure,
    ],
    [
      'gives what throws when it is read',
      () => ({
        get traceparent() {
          throw failure;
        },
      }),
      failure,
    ],
    ['gives a promise', async () => ({ traceparent: OTHER }), /not a promise/],
    ['gives a promise that is rejected', () => Promise.reject(failure), /not a promise/],
  ])('does not fail a call when asking for it %s', (_, current, told) => {
    const original = globalThis.queueMicrotask;
    const uncaught: (() => void)[] = [];
    globalThis.queueMicrotask = (task) => void uncaught.push(task);
    try {
      const asked = submit({}, current as () => TraceHeaders);
      expect([asked.submitted, asked.task.meta]).toEqual([1, undefined]);
    } finally {
      globalThis.queueMicrotask = original;
    }
    expect(uncaught).toHaveLength(1);
    expect(uncaught[0]).toThrow(told);
  });
});

describe('Who follows calls', () => {
  it('hears of the end of a call after that of its submission', () => {
    const told = follow();
    const recorder = new PoolRecorder('pricing');
    new CallTracer('pricing', recorder, undefined).submit(taskFor(), {}, (task) => {
      recorder.onQueued(task);
      recorder.onSettled(task, 'failed', new Error('refused'));
    });
    const messages = ['start', 'end', 'error', 'asyncStart', 'asyncEnd'];
    expect(told).toEqual(messages.map((name) => `${name} quote`));
  });

  it('is told of one that completes, with its times', () => {
    let last: CallMessage | undefined;
    const told = follow((message) => {
      last = message;
    });
    const { recorder, task } = submit({}, undefined, {
      submittedAt: 1,
      dispatchedAt: 3,
      settledAt: 9,
    });
    expect(told).toEqual(['start quote', 'end quote']);
    recorder.onSettled(task, 'completed');
    expect(told.slice(2)).toEqual(['asyncStart quote', 'asyncEnd quote']);
    expect(last).toMatchObject({
      ...{ module: 'pricing', stream: false, outcome: 'completed', attempts: 1, queueMs: 2 },
      totalMs: 8,
    });
    expect(recorder.stats(FIGURES).methods.quote?.completed).toBe(1);
  });

  it('is told of the error of one that fails', () => {
    const errors: unknown[] = [];
    const told = follow();
    const listener = ({ error }: CallMessage): void => void errors.push(error);
    channel.error.subscribe(listener as never);
    takeBack.push(() => channel.error.unsubscribe(listener as never));
    const { recorder, task } = submit();
    const failure = new Error('x');
    recorder.onSettled(task, 'failed', failure);
    expect(told).toEqual([
      'start quote',
      'end quote',
      'error quote',
      'asyncStart quote',
      'asyncEnd quote',
    ]);
    expect(errors).toEqual([failure]);
  });

  it('can make the call a part of a trace of its own', () => {
    follow((message) => {
      message.traceparent = OTHER;
    });
    expect(submit({ traceparent: PARENT }).task.meta).toEqual({ traceparent: OTHER });
  });

  it('can bind a context to it', () => {
    const storage = new AsyncLocalStorage<string>();
    channel.start.bindStore(
      storage as never,
      (message) => (message as CallMessage).method as never,
    );
    takeBack.push(() => void channel.start.unbindStore(storage as never));
    let seen: string | undefined;
    const task = taskFor();
    new CallTracer('m', new PoolRecorder('m'), undefined).submit(task, {}, () => {
      seen = storage.getStore();
    });
    expect(seen).toBe('quote');
  });
});

const FIGURES = {
  ...{ workers: [], queued: 0, circuit: 'closed' as const },
  zygote: { state: 'off' as const },
};
