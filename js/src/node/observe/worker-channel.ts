/**
 * `synapse-worker:worker` of `node:diagnostics_channel`: what happens to workers, for whoever watches
 * this process without knowing its clients.
 */
import { channel } from 'node:diagnostics_channel';
import type { ClientEvents } from '../../core/client/events.js';

/** What is published, by its `type`. */
export interface WorkerChannelEvents {
  readonly state: ClientEvents['worker'];
  readonly exit: ClientEvents['workerExit'];
  readonly circuit: ClientEvents['circuit'];
  readonly recycle: ClientEvents['recycle'];
  readonly unresponsive: ClientEvents['unresponsive'];
}

const workers = channel('synapse-worker:worker');

/** Publishes `{ type, module, ...event }` where somebody has subscribed. */
export function tellWorkerChannel<Type extends keyof WorkerChannelEvents>(
  module: string,
  type: Type,
  event: WorkerChannelEvents[Type],
): void {
  if (workers.hasSubscribers) workers.publish({ type, module, ...event });
}
