/**
 * The rehearsal of a first call. What it runs through is compiled as it runs, which takes longer than the call itself.
 * So while the first process starts, and there is nothing to do but to wait for it, a pool of its own takes one call,
 * which goes all the way, through queue, worker, connection and codec, to a process that is only played.
 */
import { ALL_EXTENSIONS } from '../../../core/protocol/codec/all-extensions.js';
import { MAGIC, maxDepth, maxFrameBytes, PROTOCOL_VERSION } from '../../../core/protocol/limits.js';
import { AnswerWriter } from '../../../core/protocol/messages.js';
import { VERSION } from '../../../core/version.js';
import type { CallPolicy } from '../call/call-policy.js';
import { CallTask } from '../call/call-task.js';
import { RawTask } from '../call/raw-task.js';
import type { Task } from '../call/task.js';
import type { Connection, Dialect } from '../connection/connection.js';
import { nativeDialect } from '../connection/native-dialect.js';
import { rawDialect } from '../connection/raw-dialect.js';
import { Pool } from '../pool/pool.js';
import { ProcessSources } from '../pool/process-sources.js';
import type { PoolPolicy } from '../pool-policy.js';
import type { ProcessSource } from '../process/process-source.js';
import { type Answer, PlayedProcess } from './played-process.js';

/** It takes milliseconds; what holds it up longer is not waited for. */
const LIMIT_MS = 1000;

/** What most calls carry. */
const VALUE = {
  ...{ text: 'text', short: 1, long: 100_000, fraction: 0.5, yes: true, nothing: null },
  list: ['text', 1],
};

const METHOD = 'echo';
const REQUEST = { method: METHOD, args: [VALUE], kwargs: {} };

const CALL: CallPolicy = {
  ...{ queueMs: 0, runMs: 0, totalMs: LIMIT_MS, idleMs: 0 },
  ...{ priority: 0, idempotent: undefined, retries: 0 },
};

/** Takes one call through a pool like one of this policy; resolves to its answer, when the pool has gone. */
export async function rehearse(dialect: 'native' | 'raw', policy: PoolPolicy): Promise<unknown> {
  return dialect === 'raw'
    ? play(rawDialect, policy, (sent) => sent, takeRaw)
    : play(nativeDialect, policy, nativeAnswers(), takeNative);
}

type Settle = (value: unknown) => void;

const takeRaw = (resolve: Settle, reject: Settle) => new RawTask(VALUE, CALL, {}, resolve, reject);
const takeNative = (resolve: Settle) => new CallTask(REQUEST, CALL, {}, resolve);

async function play<C extends Connection>(
  dialect: Dialect<C>,
  policy: PoolPolicy,
  answer: Answer,
  take: (resolve: Settle, reject: Settle) => Task<C>,
): Promise<unknown> {
  const source: ProcessSource = {
    ...{ zygote: { state: 'off' }, begin: () => undefined, close: () => Promise.resolve() },
    start: () => new PlayedProcess(answer),
  };
  const pool = new Pool<C>(
    {
      worker: {
        ...{ dialect, name: 'rehearsal', channel: 'auto', onLog: () => undefined },
        ...{ startTimeoutMs: LIMIT_MS, graceMs: 0 },
      },
      policy: { ...policy, size: { min: 1, max: 1, idleTimeoutMs: LIMIT_MS } },
      ...{ maxQueue: 1, eager: false },
    },
    new ProcessSources({ command: '', args: [] }, () => source),
  );
  try {
    await pool.start();
    await anotherTurn();
    return await new Promise((resolve, reject) => pool.submit(take(resolve, reject)));
  } finally {
    await anotherTurn();
    await pool.terminate();
  }
}

/** The host may have other things to do meanwhile. */
const anotherTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What a native worker would say: its HELLO to the first message, and to the second the result of the first call. */
function nativeAnswers(): Answer {
  const writer = new AnswerWriter({ extensions: ALL_EXTENSIONS });
  let isGreeted = false;
  return () => {
    if (isGreeted) writer.result(1, VALUE);
    else writer.hello(HELLO);
    isGreeted = true;
    return writer.take();
  };
}

const HELLO = {
  ...{ magic: MAGIC, protocol: PROTOCOL_VERSION, runtime: VERSION },
  ...{ language: 'python', language_version: '3', pid: 0, module: 'rehearsal', codec: 'msgpack' },
  methods: { [METHOD]: { kind: 'call', mode: 'sync' } },
  capabilities: ['segments', 'trace', 'timing'],
  limits: { max_frame_bytes: maxFrameBytes, max_depth: maxDepth },
};
