/**
 * From a spawned process to a connection that takes calls: the control channel, the choice of the
 * data channel (pipes where they can be opened, else the socket), readiness, the way to cancel.
 */
import type { SynapseError } from '../../core/protocol/errors.js';
import type { Transport } from '../../core/transport.js';
import { type CancelPipe, openPipes, type PipeNumbers } from '../transport/pipes.js';
import { SocketTransport } from '../transport/socket.js';
import type { Connection, ConnectionEvents, Dialect } from './connection.js';
import { ControlChannel } from './control.js';
import type { ChannelChoice } from './spawn-spec.js';
import { within } from './within.js';
import type { WorkerProcess } from './worker-process.js';

/** A stray process in another session may hold the channel open; it is not waited for. */
const READ_LIMIT_MS = 500;

/** What a process has said of itself on the control channel. */
export interface WorkerReport {
  crash?: unknown;
  consumedBytes?: number;
  /** The last thing it warned of. */
  warning?: string;
}

export class WorkerLink<C extends Connection> {
  /** What the worker told about its own end. */
  readonly report: WorkerReport = {};
  readonly #process: WorkerProcess;
  readonly #dialect: Dialect<C>;
  readonly #events: ConnectionEvents;
  readonly #control: ControlChannel;
  #cancelPipe: CancelPipe | undefined;
  #connection: C | undefined;
  #resolveChannel!: (transport: Transport) => void;
  #resolveAnnounced!: () => void;
  readonly #channel: Promise<Transport>;
  readonly #announced: Promise<void>;
  #resolveClosed!: () => void;
  readonly #closed: Promise<void>;

  constructor(
    workerProcess: WorkerProcess,
    dialect: Dialect<C>,
    channel: ChannelChoice,
    events: ConnectionEvents,
  ) {
    this.#process = workerProcess;
    this.#dialect = dialect;
    this.#events = events;
    this.#channel = new Promise((resolve) => {
      this.#resolveChannel = resolve;
    });
    this.#announced = new Promise((resolve) => {
      this.#resolveAnnounced = resolve;
    });
    this.#closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.#control = new ControlChannel(workerProcess.controlSocket, {
      onChannel: (pipes) => this.#choose(pipes, channel),
      onReady: () => this.#resolveAnnounced(),
      onCrash: (error) => {
        this.report.crash = error;
      },
      onExit: (consumedBytes) => {
        this.report.consumedBytes = consumedBytes;
      },
      onWarning: (message) => events.onWarning(message),
    });
    if (channel === 'socket') this.#resolveChannel(this.#socket());
    if (channel === 'stdio') {
      this.#resolveChannel(new SocketTransport(workerProcess.stdout, workerProcess.stdin));
    }
  }

  get connection(): C | undefined {
    return this.#connection;
  }

  /** Resolves to the connection once calls can be made on it. */
  async open(): Promise<C> {
    const transport = await this.#channel;
    const connection = this.#dialect.open(transport, {
      ...this.#events,
      onClosed: (reason) => {
        this.#resolveClosed();
        this.#events.onClosed(reason);
      },
    });
    this.#connection = connection;
    await this.#dialect.ready(connection, this.#announced);
    return connection;
  }

  /** Tells the worker to stop one call, past the calls that wait in the data channel. */
  cancel(id: number): void {
    if (this.#cancelPipe?.write(id) !== true) this.#control.cancel(id);
    this.#process.signal('SIGURG');
  }

  /** After the process has ended: resolves when the replies it left behind have been read. */
  async readToEnd(): Promise<void> {
    if (this.#connection !== undefined) await within(READ_LIMIT_MS, this.#closed);
  }

  /** Lets go of what the connection holds; the process has ended or is about to be killed. */
  close(reason: SynapseError): void {
    this.#connection?.close(reason);
    this.#cancelPipe?.close();
  }

  #choose(pipes: PipeNumbers | undefined, wanted: ChannelChoice): void {
    if (wanted !== 'auto' || this.#connection !== undefined) {
      this.#control.answerChannel('socket');
      return;
    }
    const opened = pipes === undefined ? undefined : this.#tryPipes(pipes);
    this.#cancelPipe = opened?.cancel;
    this.#control.answerChannel(opened === undefined ? 'socket' : 'pipes');
    this.#resolveChannel(opened?.transport ?? this.#socket());
  }

  #tryPipes(pipes: PipeNumbers): ReturnType<typeof openPipes> | undefined {
    try {
      return openPipes(this.#process.pid ?? 0, pipes);
    } catch {
      // No /proc here (macOS), or it may not be read (hidepid): the socket works everywhere.
      return undefined;
    }
  }

  #socket(): Transport {
    const socket = this.#process.dataSocket;
    return new SocketTransport(socket, socket);
  }
}
