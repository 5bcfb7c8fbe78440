// Which status an error has: whose fault it was, and whether it is worth another try.
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  CallCancelledError,
  CallTimeoutError,
  CircuitOpenError,
  ClosedError,
  EncodeError,
  QueueFullError,
  ValidationError,
} from 'synapse-worker';
import { ImpossibleTask } from './generated/forecasts.js';

export function statusOf(error: unknown): number {
  // An argument is not of its annotated type; no line of the function ran.
  if (error instanceof ValidationError) return 400;
  // JSON that cannot travel: half a surrogate pair in a text, or nested too deeply.
  if (error instanceof EncodeError) return 400;
  // An exception under @app.error is a class of its own here.
  if (error instanceof ImpossibleTask) return 422;
  // It waited too long for a worker, or ran too long. Either way Python has stopped.
  if (error instanceof CallTimeoutError) return error.clock === 'queue' ? 503 : 504;
  // Too much to do, Python keeps dying, or the service is closing.
  if (error instanceof QueueFullError) return 503;
  if (error instanceof CircuitOpenError || error instanceof ClosedError) return 503;
  // The client hung up: nobody reads this one, but the log does.
  if (error instanceof CallCancelledError) return 499;
  // Fastify's own, as for a body that is no JSON; anything else is a bug.
  return (error as { statusCode?: number }).statusCode ?? 500;
}

export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): unknown {
  const status = statusOf(error);
  if (status >= 500) request.log.error(error);
  else request.log.info((error as Error).message);
  if (error instanceof CircuitOpenError) {
    reply.header('retry-after', Math.ceil(error.retryAfterMs / 1000));
  }
  return reply.code(status).send({ status, ...describe(error, status) });
}

function describe(error: unknown, status: number): object {
  // Tracebacks, paths and the state of workers are for the log alone.
  if (status >= 500) return { message: status === 504 ? 'took too long' : 'try again later' };
  const { message } = error as Error;
  if (error instanceof ValidationError || error instanceof EncodeError) {
    return { message, path: error.path };
  }
  if (error instanceof ImpossibleTask) return { message, ...error.details };
  return { message };
}
