/**
 * What a worker handle needs from the connection to its process, and how each dialect makes one.
 * The supervisor runs native peers and raw scripts alike through these two interfaces.
 */
import type { SynapseError } from '../../../core/protocol/errors.js';
import type { Transport } from '../../../core/transport.js';
import type { LastRead } from './control.js';
import type { Incoming } from './frame-watch.js';
import type { LogOrigin } from './log-record.js';

/** What a module declares of a method. */
export interface MethodTraits {
  readonly concurrency?: number;
  readonly idempotent?: true;
}

export interface Connection extends Incoming {
  /** What is known of the worker's methods, by their names. */
  readonly methods?: ReadonlyMap<string, MethodTraits> | undefined;
  /** Whether new calls had better wait: the worker is slow to take what was sent. */
  readonly congested: boolean;
  /** Forgets a call that will not begin there: what comes for it is late. Where calls can be taken back. */
  forget?(id: number): void;
  /** Says that no new calls will come. */
  drain(): void;
  /** Ends the connection now. */
  close(reason?: SynapseError): void;
}

export interface ConnectionEvents {
  onDrain(): void;
  /** What has arrived ends within a frame. */
  onPartialFrame(): void;
  onClosed(reason: SynapseError): void;
  /** The body of a LOG message, and the call it is of. */
  onLog(record: unknown, origin?: LogOrigin): void;
  onWarning(message: string): void;
}

export interface Dialect<C extends Connection> {
  readonly name: 'native' | 'raw';
  open(transport: Transport, events: ConnectionEvents): C;
  /** Resolves when calls can be made; `announced` settles with the control event `ready`. */
  ready(connection: C, announced: Promise<void>): Promise<void>;
  /** Whether the worker can stop one call; otherwise the process is ended instead. */
  readonly cancellable: boolean;
  /** Whether it is certain that a call in flight had not been begun when its worker ended. */
  unbegun(connection: C, id: number, lastRead: LastRead | undefined): boolean;
  /** What a call is rejected with whose worker ended with an uncaught exception. */
  crashError(crash: SynapseError): SynapseError | undefined;
}
