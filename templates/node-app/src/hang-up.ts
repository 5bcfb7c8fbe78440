// Knows when nobody waits for an answer any more.
import type { FastifyReply } from 'fastify';

/**
 * Returns a signal that is aborted when the client hangs up before it has the whole answer.
 *
 * Fastify's own `request.signal` is none of this: where a request has a body, it is aborted when that has been read.
 */
export function hangUpOf(reply: FastifyReply): AbortSignal {
  const hangUp = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) hangUp.abort();
  });
  return hangUp.signal;
}
