// What a worker says on its control channel reaches who waits for it; what is not known changes nothing.
import { PassThrough } from 'node:stream';
import { expect, it } from '@jest/globals';
import {
  ControlChannel,
  type ControlEvents,
} from '../../../../src/node/supervisor/connection/control.js';

function heard(): { say: (line: string) => Promise<void>; told: unknown[][] } {
  const told: unknown[][] = [];
  const events = new Proxy({} as ControlEvents, {
    get: (_, name) => (value: unknown) => told.push([name, value]),
  });
  const input = new PassThrough();
  new ControlChannel({ input, output: new PassThrough() }, events);
  return {
    told,
    say: async (line) => {
      input.write(`${line}\n`);
      await new Promise((resume) => setImmediate(resume));
    },
  };
}

it.each([
  ['{"event":"dump","fd":7}', ['onStackDump', 7]],
  ['{"event":"ledger","fd":8}', ['onLedger', 8]],
  ['{"event":"alive"}', ['onAlive', undefined]],
  ['{"event":"draining"}', ['onDraining', undefined]],
  ['{"event":"log","record":{"level":"INFO"}}', ['onLog', { level: 'INFO' }]],
  ['{"event":"exit","last_id":3}', ['onExit', { consumedBytes: undefined, lastId: 3 }]],
  ['{"event":"exit","consumed_bytes":8}', ['onExit', { consumedBytes: 8, lastId: undefined }]],
])('%s', async (line, expected) => {
  const { say, told } = heard();
  await say(line);
  expect(told).toEqual([expected]);
});

it.each(['{"event":"of another version"}', '{}'])('passes over %s', async (line) => {
  const { say, told } = heard();
  await say(line);
  expect(told).toEqual([]);
});

it.each(['not json', '3', 'null'])('warns of %s', async (line) => {
  const { say, told } = heard();
  await say(line);
  expect(told).toEqual([['onWarning', expect.stringContaining(line)]]);
});
