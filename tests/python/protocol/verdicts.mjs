// Says what the JavaScript decoders make of bytes. `node verdicts.mjs <compiled protocol>`.
// In: u32 little-endian length, then one byte for what it is (value, message, stream), then the bytes.
// Out: one line of JSON each.
import { pathToFileURL } from 'node:url';

const from = (file) => import(pathToFileURL(`${process.argv[2]}/${file}`).href);
const { FrameDecoder } = await from('frames.js');
const { decodeMessage, Kind, AnswerWriter } = await from('messages.js');
const { ALL_EXTENSIONS } = await from('codec/all-extensions.js');
const { decodeValue } = await from('codec/decode.js');

const HEADER_BYTES = 12; // of the frame and of the message
const SMALL_FRAME_BYTES = 64;
const hex = (bytes) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
const writer = new AnswerWriter({ extensions: ALL_EXTENSIONS });

/** The value in our own bytes, or why it cannot be written: it nests more deeply than a value may. */
function written(value) {
  try {
    writer.result(1, value);
  } catch (error) {
    return { unwritable: error.code };
  }
  const taken = writer.take();
  const body = hex(taken.subarray(HEADER_BYTES));
  writer.release(taken);
  return { body };
}

/** The body of a message as it stood on the wire; undefined where there is none. */
function bodyOf({ kind, ...message }) {
  const meta = message.meta === undefined ? [] : [message.meta];
  switch (kind) {
    case Kind.Call:
      return [message.method, message.args, message.kwargs, ...meta];
    case Kind.Open:
      return [message.method, message.args, message.kwargs, message.credit, ...meta];
    case Kind.Result:
      return message.runNs === undefined ? message.value : [message.runNs, message.value];
    case Kind.Items:
    case Kind.Credit:
      return message.items;
    default:
      return message.value ?? message.error ?? message.record ?? message.body;
  }
}

const verdicts = [
  (bytes) => {
    try {
      return { verdict: 'ok', ...written(decodeValue(bytes)) };
    } catch (error) {
      return { verdict: error.name === 'DecodeError' ? error.code : `crash: ${error.stack}` };
    }
  },
  (bytes) => {
    try {
      const message = decodeMessage(bytes);
      if (message.kind === 'ignored') return { verdict: 'ignored' };
      if (message.kind === 'undecodable') {
        return { verdict: `undecodable ${message.error.code}`, kind: message.of, id: message.id };
      }
      return {
        verdict: 'ok',
        kind: message.kind,
        id: message.id ?? 0,
        ...written(bodyOf(message) ?? null),
      };
    } catch (error) {
      const verdict = error.name === 'ProtocolError' ? error.code : `crash: ${error.stack}`;
      return { verdict, because: error.cause?.code };
    }
  },
  // The first byte says into how large pieces the rest is cut.
  (bytes) => {
    const decoder = new FrameDecoder(SMALL_FRAME_BYTES);
    const payloads = [];
    const step = 1 + (bytes[0] ?? 0);
    try {
      for (let at = 1; at < bytes.length; at += step) {
        decoder.feed(bytes.slice(at, at + step), (payload) => payloads.push(hex(payload)));
      }
      decoder.end();
      return { verdict: 'ok', payloads };
    } catch (error) {
      return {
        verdict: error.name === 'FrameError' ? error.code : `crash: ${error.stack}`,
        payloads,
      };
    }
  },
];

const inputs = new FrameDecoder();
process.stdin.on('data', (chunk) => {
  let lines = '';
  inputs.feed(chunk, (input) => {
    lines += `${JSON.stringify(verdicts[input[0]](input.slice(1)))}\n`;
  });
  process.stdout.write(lines);
});
