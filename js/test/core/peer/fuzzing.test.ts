// Whatever the other end sends, in whatever order: each call and stream ends exactly once, and the peer
// either goes on or says why it closed. Nothing is thrown at the transport.
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Peer } from '../../../src/core/peer/peer.js';
import type { CallSink, StreamSink } from '../../../src/core/peer/sinks.js';
import { ALL_EXTENSIONS } from '../../../src/core/protocol/codec/all-extensions.js';
import { encodeFrame } from '../../../src/core/protocol/frames.js';
import { AnswerWriter } from '../../../src/core/protocol/messages.js';
import { AblePeer, FakeWorker, flushed, HELLO } from '../memory-transport.js';

/** Far more with SYNAPSE_FUZZ_RUNS. */
const RUNS = { numRuns: Number(process.env.SYNAPSE_FUZZ_RUNS ?? 400) };
const CLOSING_CODES = ['CLOSED', 'PROTOCOL_ERROR', 'FRAME_TOO_LARGE', 'FRAME_TRUNCATED'];

/** Counts its ends, and what comes after one. */
class Tally implements CallSink, StreamSink {
  ends = 0;
  late = 0;
  readonly onProgress = (): void => this.#came();

  onItems(): void {
    this.#came();
  }
  onResult(): void {
    this.#end();
  }
  onEnd(): void {
    this.#end();
  }
  onError(): void {
    this.#end();
  }
  onLost(): void {
    this.#end();
  }

  #came(): void {
    if (this.ends > 0) this.late += 1;
  }
  #end(): void {
    this.#came();
    this.ends += 1;
  }
}

// Ids that are pending, will be, have been, and that nobody has used.
const id = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 6 }) },
  fc.constantFrom(7, 255, 2 ** 31, 2 ** 48 - 1),
);
const value = fc.jsonValue({ maxDepth: 2 });
const error = fc.record({ code: fc.string(), message: fc.string() }, { requiredKeys: [] });

/** What the other end says, well-formed. */
const said = fc.oneof(
  fc.tuple(id, value).map(
    ([to, told]) =>
      (out: AnswerWriter) =>
        out.result(to, told),
  ),
  fc.tuple(id, fc.array(value, { minLength: 1, maxLength: 4 })).map(
    ([to, items]) =>
      (out: AnswerWriter) =>
        out.items(to, items),
  ),
  id.map((to) => (out: AnswerWriter) => out.end(to)),
  fc.tuple(id, value).map(
    ([to, told]) =>
      (out: AnswerWriter) =>
        out.progress(to, told),
  ),
  fc.tuple(id, error).map(
    ([to, told]) =>
      (out: AnswerWriter) =>
        out.log(to, told),
  ),
  fc.tuple(id, error).map(
    ([to]) =>
      (out: AnswerWriter) =>
        out.error(to, new Error('no')),
  ),
  id.map((to) => (out: AnswerWriter) => out.request(to, `$callback:${to}`, [1], {})),
  id.map((to) => (out: AnswerWriter) => out.request(to, `$upload:${to}`, [], {}, 4)),
  fc.tuple(id, fc.integer({ min: 1, max: 300 })).map(
    ([to, items]) =>
      (out: AnswerWriter) =>
        out.credit(to, items),
  ),
  id.map((to) => (out: AnswerWriter) => out.cancel(to)),
  value.map((told) => (out: AnswerWriter) => out.ping(told)),
  value.map((told) => (out: AnswerWriter) => out.pong(told)),
  fc.constant((out: AnswerWriter) => out.hello({ ...HELLO })),
);

type Step = (peer: Peer, worker: FakeWorker, tallies: Tally[]) => void;

/** Something of ours to do, while the connection takes it. */
const act = fc
  .constantFrom<Step>(
    (peer, _, tallies) => void peer.call('add', [1, () => 2], {}, added(tallies)),
    (peer, _, tallies) => void peer.call('add', [[1, 2].values()], {}, added(tallies)),
    (peer, _, tallies) => void peer.open('ticks', [], {}, 2, added(tallies)),
    (peer) => peer.grant(1, 4),
    (peer) => peer.cancel(2),
    (peer) => peer.drain(),
  )
  .map<Step>((step) => (peer, worker, tallies) => {
    if (peer.state === 'open') step(peer, worker, tallies);
  });
const speak = said.map<Step>((compose) => (_, worker) => worker.write(compose));
const damage = fc
  .tuple(said, fc.nat(), fc.nat({ max: 255 }), fc.boolean())
  .map<Step>(([compose, at, byte, cutShort]) => (_, { transport }) => {
    const out = new AnswerWriter({ extensions: ALL_EXTENSIONS });
    compose(out);
    const bytes = out.take().slice();
    bytes[at % bytes.length] = byte;
    transport.receiver.onBytes(cutShort ? bytes.subarray(0, at % bytes.length) : bytes);
  });
const payload = fc
  .tuple(fc.integer({ min: 0, max: 20 }), id, fc.uint8Array({ maxLength: 24 }))
  .map<Step>(([kind, to, body]) => (_, { transport }) => {
    transport.receiver.onBytes(
      encodeFrame(Uint8Array.of(kind, 0, to & 255, 0, 0, 0, 0, 0, ...body)),
    );
  });
const rubbish = fc.uint8Array({ maxLength: 40 }).map<Step>(
  (bytes) =>
    (_, { transport }) =>
      transport.receiver.onBytes(bytes),
);

const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: act },
    { weight: 10, arbitrary: speak },
    { weight: 1, arbitrary: damage },
    { weight: 2, arbitrary: payload },
    { weight: 1, arbitrary: rubbish },
  ),
  { maxLength: 40 },
);

function added(tallies: Tally[]): Tally {
  const tally = new Tally();
  tallies.push(tally);
  return tally;
}

it('every call ends exactly once under any conversation, and every end of a connection is explained', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.boolean(), async (conversation, endsInOrder) => {
      const worker = new FakeWorker();
      const closed: string[] = [];
      const tallies: Tally[] = [];
      const peer = new AblePeer(
        worker.transport,
        { runtime: '0.1.0', languageVersion: '20.0.0' },
        { onClosed: ({ code }) => closed.push(code) },
      );
      worker.hello();
      for (const step of conversation) {
        if (peer.state === 'closed') break;
        step(peer, worker, tallies);
        await Promise.resolve();
      }
      await flushed();
      if (endsInOrder) worker.transport.receiver.onClose();
      else peer.close();
      await flushed();
      expect(tallies.map(({ ends, late }) => [ends, late])).toEqual(tallies.map(() => [1, 0]));
      expect(closed).toHaveLength(1);
      expect(CLOSING_CODES).toContain(closed[0]);
      expect(peer.pendingCount).toBe(0);
    }),
    RUNS,
  );
});
