// Ends in order when the process is told to end: `kill`, Ctrl-C, `docker stop`.
import type { FastifyInstance } from 'fastify';

/**
 * Closes the service at SIGINT or SIGTERM: no new requests, those under way are answered, then Python ends.
 *
 * @param drainMs how long that may take; then connections are cut. Some never end by themselves: a browser opens
 *   one to have it ready, and Node waits a minute for the request.
 */
export function closeOnSignals(app: FastifyInstance, drainMs = 10_000): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // Once: a second signal finds no listener, and ends the process at once. Python goes with it.
    process.once(signal, () => {
      app.log.info(`${signal}: closing`);
      setTimeout(() => app.server.closeAllConnections(), drainMs).unref();
      void app.close();
    });
  }
}
