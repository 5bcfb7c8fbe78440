import { EventEmitter, on } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import Fastify, { type FastifyInstance } from 'fastify';
import { connect, type Forecasts } from './generated/forecasts.js';
import { routes } from './routes.js';

const TASKS = [{ name: 'build', optimistic: 2, likely: 3, pessimistic: 8 }];
const FOR_HOURS = { tasks: TASKS, runs: 1_000_000_000 };

const python = new EventEmitter();
let forecasts: Forecasts;
let app: FastifyInstance;

// The real Python, asked through real sockets. The first run builds the Python environment.
beforeAll(async () => {
  forecasts = await connect({ onLog: ({ message }) => python.emit('log', message) });
}, 300_000);

afterAll(() => forecasts?.close());

afterEach(async () => {
  const closed = app.close();
  app.server.closeAllConnections();
  await closed;
  // Python says that it has stopped a moment before its call has ended.
  while (forecasts.$client.stats().inFlight > 0) await setImmediate();
});

/** Starts the service on a free port, and returns its address. */
async function serve(timeoutMs = 10_000): Promise<string> {
  app = Fastify();
  await app.register(routes, { forecasts, timeoutMs });
  return app.listen({ host: '127.0.0.1', port: 0 });
}

function post(url: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return fetch(url, { method: 'POST', headers, body: text, ...(signal && { signal }) });
}

/** Resolves when Python logs these words. */
async function logged(words: string): Promise<void> {
  for await (const [message] of on(python, 'log', { signal: AbortSignal.timeout(10_000) })) {
    if (String(message).includes(words)) return;
  }
}

test('a forecast is answered', async () => {
  const response = await post(`${await serve()}/forecasts`, { tasks: TASKS, seed: 7 });
  expect(response.status).toBe(200);
  const forecast = (await response.json()) as Record<string, number>;
  expect(forecast.runs).toBe(100_000);
  expect(forecast.likely_days).toBeGreaterThan(3);
  expect(forecast.safe_days).toBeGreaterThan(forecast.likely_days ?? 8);
});

test.each([
  ['no tasks', { tasks: [] }, 'project.tasks'],
  ['text for a number', { tasks: [{ ...TASKS[0], likely: 'three' }] }, 'project.tasks[0].likely'],
  ['1e308 days', { tasks: [{ ...TASKS[0], likely: 1e308 }] }, 'project.tasks[0].likely'],
  ['a list for a project', [], 'project'],
  ['broken text', { tasks: [{ ...TASKS[0], name: '\ud800' }] }, '$.args[0].tasks[0].name'],
])('%s is refused with the place, in a stream too', async (_, body, path) => {
  const address = await serve();
  for (const route of ['/forecasts', '/forecasts/stream']) {
    const response = await post(address + route, body);
    expect(response.status).toBe(400);
    await expect(response.json()).resolves.toMatchObject({ status: 400, path });
  }
});

test('a body that is no JSON is refused', async () => {
  expect((await post(`${await serve()}/forecasts`, '{')).status).toBe(400);
});

test('an exception that Python declares has a status and its data', async () => {
  const tasks = [{ name: 'test', optimistic: 3, likely: 2, pessimistic: 8 }];
  const response = await post(`${await serve()}/forecasts`, { tasks });
  expect(response.status).toBe(422);
  await expect(response.json()).resolves.toEqual({
    status: 422,
    message: 'the estimates of "test" contradict each other',
    task: 'test',
  });
});

test('a forecast that takes too long is stopped, in Python too', async () => {
  const address = await serve(100);
  const stopped = logged('stopped after');
  const response = await post(`${address}/forecasts`, FOR_HOURS);
  expect(response.status).toBe(504);
  await expect(response.json()).resolves.toEqual({ status: 504, message: 'took too long' });
  await stopped;
});

test('a client that hangs up stops its forecast in Python', async () => {
  const address = await serve();
  const client = new AbortController();
  const begun = logged('forecasting');
  const stopped = logged('stopped after');
  const response = post(`${address}/forecasts`, FOR_HOURS, client.signal);
  await begun;
  client.abort();
  await expect(response).rejects.toThrow('aborted');
  await stopped;
});

test('a client that leaves a stream stops it in Python', async () => {
  const address = await serve();
  const client = new AbortController();
  const stopped = logged('stopped after');
  const response = await post(`${address}/forecasts/stream`, { tasks: TASKS }, client.signal);
  expect(response.headers.get('content-type')).toContain('application/x-ndjson');
  const text = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const first = await text?.read();
  expect(JSON.parse(first?.value?.split('\n')[0] ?? '')).toMatchObject({ runs: 10_000 });
  client.abort();
  await stopped;
});

test('closing does not wait for streams that have no end', async () => {
  const address = await serve();
  const stopped = logged('stopped after');
  const response = await post(`${address}/forecasts/stream`, { tasks: TASKS });
  const rest = response.text();
  await Promise.all([app.close(), expect(rest).rejects.toThrow('terminated')]);
  await stopped;
});

test('health is that of the workers', async () => {
  const response = await fetch(`${await serve()}/health`);
  expect(response.status).toBe(200);
  const health = (await response.json()) as { workers: unknown[] };
  expect(health).toMatchObject({ healthy: true, circuit: 'closed', inFlight: 0 });
  expect(health.workers).not.toHaveLength(0);
});
