// What the service answers. A body goes to Python as it is, which checks it against its annotations.
import { Readable } from 'node:stream';
import type { FastifyPluginAsync } from 'fastify';
import { answerError } from './errors.js';
import type { Forecasts, ProjectInput } from './generated/forecasts.js';
import { hangUpOf } from './hang-up.js';

export interface RoutesOptions {
  readonly forecasts: Forecasts;
  /** How long Python may take for a forecast, or for each item of a stream. Default 5 000. */
  readonly timeoutMs?: number;
}

export const routes: FastifyPluginAsync<RoutesOptions> = async (app, options) => {
  const { forecasts, timeoutMs = 5_000 } = options;
  const clocks = { timeoutMs, queueTimeoutMs: timeoutMs };
  const closing = new AbortController();

  app.setErrorHandler(answerError);

  app.post<{ Body: ProjectInput }>('/forecasts', ({ body }, reply) =>
    // Whoever hangs up stops the running Python.
    forecasts.forecast(body, { ...clocks, signal: hangUpOf(reply) }),
  );

  app.post<{ Body: ProjectInput }>('/forecasts/stream', ({ body }, reply) => {
    const signal = AbortSignal.any([hangUpOf(reply), closing.signal]);
    const steps = forecasts.refine(body, { ...clocks, signal });
    // Fastify sends the headers with the first line. So what fails before it (a refused argument, say) is
    // answered by the error handler; what fails later cuts the connection, and the client knows that more was due.
    return reply.type('application/x-ndjson').send(Readable.from(linesOf(steps)));
  });

  app.get('/health', (_request, reply) => {
    const { circuit, workers, queued, inFlight } = forecasts.$client.stats();
    // The circuit opens when workers keep dying; single deaths are mended within milliseconds.
    const isStuck = workers.length > 0 && workers.every(({ state }) => state === 'unresponsive');
    const healthy = circuit === 'closed' && !isStuck;
    const states = workers.map(({ pid, state }) => ({ pid, state }));
    reply.code(healthy ? 200 : 503);
    return reply.send({ healthy, circuit, queued, inFlight, workers: states });
  });

  // Closing waits for requests under way; streams without an end have to be ended first.
  app.addHook('preClose', async () => closing.abort());
};

/** Writes one JSON document a line. When the response is destroyed the loop is left, which closes the Python generator. */
async function* linesOf(items: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const item of items) yield `${JSON.stringify(item)}\n`;
}
