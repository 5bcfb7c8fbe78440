// Decodes every frame that comes in and sends its value back, newly encoded. `node echo.mjs <compiled protocol>`.
import { pathToFileURL } from 'node:url';

const from = (file) => import(pathToFileURL(`${process.argv[2]}/${file}`).href);
const { FrameDecoder } = await from('frames.js');
const { decodeMessage, AnswerWriter } = await from('messages.js');
const { ALL_EXTENSIONS } = await from('codec/all-extensions.js');

const decoder = new FrameDecoder();
const writer = new AnswerWriter({ extensions: ALL_EXTENSIONS });

process.stdin.on('data', (chunk) => {
  decoder.feed(chunk, (payload) => {
    const message = decodeMessage(payload);
    if (message.kind === 'undecodable') writer.error(message.id, message.error);
    else writer.result(message.id, message.value);
  });
  const taken = writer.take();
  process.stdout.write(taken, () => writer.release(taken));
});
