/** The shared conversations of tests/vectors, replayed to the peer: this test plays the worker. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Peer } from '../../../src/core/peer/peer.js';
import type { CallSink, StreamSink } from '../../../src/core/peer/sinks.js';
import { ALL_EXTENSIONS } from '../../../src/core/protocol/codec/all-extensions.js';
import { encodeFrame, FrameDecoder } from '../../../src/core/protocol/frames.js';
import {
  AnswerWriter,
  decodeMessage,
  Kind,
  type RequestExtras,
} from '../../../src/core/protocol/messages.js';
import { AblePeer, flushed, MemoryTransport } from '../memory-transport.js';

type Fields = Record<string, unknown>;
type Bytes = string | { repeat: string; times: number } | Bytes[];
type Step = {
  send?: Fields & { kind: string };
  send_payload?: Bytes;
  send_bytes?: Bytes;
  expect?: Fields & { kind: string };
  quiet?: true;
  act?: Fields & { do: string };
  outcome?: Fields & { id: number };
  lose?: true;
  closed?: string | null;
};

const VECTORS = resolve(__dirname, '../../../../tests/vectors/transcripts.json');
const { caller } = JSON.parse(readFileSync(VECTORS, 'utf8')) as {
  caller: { name: string; steps: Step[] }[];
};

function bytesOf(bytes: Bytes): Buffer {
  if (typeof bytes === 'string') return Buffer.from(bytes.replaceAll(' ', ''), 'hex');
  if (Array.isArray(bytes)) return Buffer.concat(bytes.map(bytesOf));
  return Buffer.alloc((bytes.repeat.length / 2) * bytes.times, bytes.repeat, 'hex');
}

// biome-ignore lint/suspicious/noExplicitAny: the vectors hold what each kind needs
function extrasOf({ wants_progress, wants_timing, meta }: any): RequestExtras {
  return { onProgress: wants_progress || undefined, wantsTiming: wants_timing, meta };
}

/** Writes a message given by its fields; each kind has a writer of its own. */
function write(out: AnswerWriter, { kind, ...fields }: Fields & { kind: string }): void {
  // biome-ignore lint/suspicious/noExplicitAny: the vectors hold what each kind needs
  const f = fields as any;
  const writers: Record<string, () => void> = {
    HELLO: () => out.hello(f.body),
    CALL: () => out.request(f.id, f.method, f.args, f.kwargs, undefined, extrasOf(f)),
    RESULT: () => out.result(f.id, f.value),
    OPEN: () => out.request(f.id, f.method, f.args, f.kwargs, f.credit, extrasOf(f)),
    ITEMS: () => out.items(f.id, f.items),
    END: () => out.end(f.id),
    CREDIT: () => out.credit(f.id, f.items),
    CANCEL: () => out.cancel(f.id),
    PROGRESS: () => out.progress(f.id, f.value),
    LOG: () => out.log(f.id, f.record),
    PING: () => out.ping(f.value),
    PONG: () => out.pong(f.value),
    DRAIN: () => out.drain(),
  };
  const writer = writers[kind];
  if (writer === undefined) throw new Error(`no writer for ${kind}`);
  writer();
}

const KIND_OFFSET = 4;
const ID_OFFSET = 6;

/** The frame of a message. */
function frameOf(message: Fields & { kind: string }): Uint8Array {
  const out = new AnswerWriter({ extensions: ALL_EXTENSIONS });
  if (message.kind !== 'ERROR' && message.kind !== 'FAIL') {
    write(out, message);
    return out.take();
  }
  // Their writers take an exception, and the vectors hold error maps: a RESULT has the same shape.
  out.result(Number(message.id ?? 1), message.error);
  const frame = out.take();
  frame[KIND_OFFSET] = message.kind === 'ERROR' ? Kind.Error : Kind.Fail;
  if (message.kind === 'FAIL') frame[ID_OFFSET] = 0;
  return frame;
}

class Outcome implements CallSink, StreamSink {
  readonly told: Fields = {};
  readonly onProgress: ((value: unknown) => void) | undefined;
  ends = 0;

  constructor(isStream: boolean, wantsProgress: boolean) {
    if (isStream) this.told.items = [];
    if (!wantsProgress) return;
    const progress: unknown[] = [];
    this.told.progress = progress;
    this.onProgress = (value) => progress.push(value);
  }

  onResult(value: unknown): void {
    this.#end({ value });
  }
  onItems(items: readonly unknown[]): void {
    (this.told.items as unknown[]).push(...items);
  }
  onEnd(): void {
    this.#end({ end: true });
  }
  onError({ code }: { code: string }): void {
    this.#end({ error: code });
  }
  onLost({ code }: { code: string }): void {
    this.#end({ error: code });
  }

  #end(how: Fields): void {
    this.ends += 1;
    Object.assign(this.told, how);
  }
}

/** The other end of one transcript. */
class Script {
  readonly #received: unknown[] = [];
  readonly #outcomes = new Map<number, Outcome>();
  readonly #closed: string[] = [];
  readonly #transport: MemoryTransport;
  readonly #peer: Peer;

  constructor() {
    const decoder = new FrameDecoder();
    this.#transport = new MemoryTransport((bytes) =>
      decoder.feed(bytes, (payload) => this.#received.push(decodeMessage(payload))),
    );
    this.#peer = new AblePeer(
      this.#transport,
      { runtime: '0.1.0', languageVersion: '20.0.0' },
      { onClosed: ({ code }) => this.#closed.push(code) },
    );
  }

  async play(step: Step): Promise<void> {
    await flushed();
    if (step.send) this.#transport.receiver.onBytes(frameOf(step.send));
    if (step.send_payload)
      this.#transport.receiver.onBytes(encodeFrame(bytesOf(step.send_payload)));
    if (step.send_bytes) this.#transport.receiver.onBytes(bytesOf(step.send_bytes));
    if (step.lose) this.#transport.receiver.onClose();
    if (step.act) this.#act(step.act);
    if (step.expect) this.#expect(step.expect);
    if (step.quiet) expect(this.#received).toEqual([]);
    if (step.outcome) this.#checkOutcome(step.outcome);
    if (step.closed !== undefined) this.#checkClosed(step.closed);
  }

  #act(act: Fields & { do: string }): void {
    // biome-ignore lint/suspicious/noExplicitAny: the vectors hold what each act needs
    const { do: deed, ...a } = act as any;
    const outcome = new Outcome(deed === 'open', a.wants_progress === true);
    const acts: Record<string, () => number | undefined> = {
      call: () => this.#peer.call(a.method, a.args, a.kwargs, outcome),
      open: () => this.#peer.open(a.method, a.args, a.kwargs, a.credit, outcome),
      grant: () => void this.#peer.grant(a.id, a.items),
      cancel: () => void this.#peer.cancel(a.id),
      drain: () => void this.#peer.drain(),
    };
    const id = acts[deed]?.();
    if (typeof id === 'number') this.#outcomes.set(id, outcome);
  }

  #expect({ kind, wants_progress, ...fields }: Fields & { kind: string }): void {
    const name = `${kind[0]}${kind.slice(1).toLowerCase()}` as keyof typeof Kind;
    expect(this.#received.shift()).toMatchObject({
      kind: Kind[name],
      ...fields,
      ...(wants_progress !== undefined && { wantsProgress: wants_progress }),
    });
  }

  #checkOutcome({ id, ...expected }: Fields & { id: number }): void {
    const outcome = this.#outcomes.get(id);
    expect(outcome?.ends).toBe(1);
    const { error } = expected;
    expect(outcome?.told).toMatchObject(
      error === '*' ? { ...expected, error: expect.any(String) } : expected,
    );
  }

  #checkClosed(code: string | null): void {
    expect(this.#closed).toHaveLength(1);
    if (code === null) expect(this.#closed).toEqual(['CLOSED']);
    else if (code !== '*') expect(this.#closed).toEqual([code]);
  }
}

describe('The peer in the shared transcripts', () => {
  it.each(caller.map(({ name, steps }) => [name, steps] as const))('%s', async (_, steps) => {
    const script = new Script();
    for (const step of steps) await script.play(step);
  });
});
