/**
 * From a spawned process to a connection that takes calls: the control channel, the choice of the
 * data channel (pipes where they can be opened, else the socket), readiness, the way to cancel.
 */
import type { SynapseError } from '../../../core/protocol/errors.js';
import type { Transport } from '../../../core/transport.js';
import { openForSockets } from '../../transport/adoption.js';
import { type OpenPipes, ourEnds, type PipeNumbers, usePipes } from '../../transport/pipes.js';
import { SocketTransport } from '../../transport/socket.js';
import type { CallLedger } from '../connection/call-ledger.js';
import type { Connection, ConnectionEvents, Dialect } from '../connection/connection.js';
import { ControlChannel, type LastRead } from '../connection/control.js';
import { FrameWatch } from '../connection/frame-watch.js';
import { Nudge } from '../connection/nudge.js';
import type { ProcessChannels, ProcessHandle } from '../process/process-handle.js';
import type { ChannelChoice } from '../process/spawn-spec.js';
import { within } from '../within.js';

/** A stray process in another session may hold the channel open; it is not waited for. */
const READ_LIMIT_MS = 500;

/** The id of no call: whoever is told to cancel it says that it has heard. */
const PROBE_ID = 0;

/** What a process has said of itself on the control channel. */
export interface WorkerReport {
  crash?: unknown;
  lastRead?: LastRead;
  /** The last thing it warned of. */
  warning?: string;
}

export interface LinkEvents extends Omit<ConnectionEvents, 'onPartialFrame'> {
  /** The worker was told to end by somebody else: it begins no more calls. */
  onDraining(): void;
  /** Its interpreter has answered. */
  onAlive(): void;
}

export class WorkerLink<C extends Connection> {
  /** What the worker told about its own end. */
  readonly report: WorkerReport = {};
  readonly #process: ProcessHandle;
  readonly #wanted: ChannelChoice;
  readonly #dialect: Dialect<C>;
  readonly #events: LinkEvents;
  readonly #nudge = new Nudge(() => this.#process.signal('SIGURG'));
  #control: ControlChannel | undefined;
  #cancelPipe: OpenPipes['cancel'] | undefined;
  #dumpsStacks = false;
  #connection: C | undefined;
  #frames: FrameWatch | undefined;
  #resolveChannel!: (transport: Transport) => void;
  #resolveAnnounced!: () => void;
  readonly #channel: Promise<Transport>;
  readonly #announced: Promise<void>;
  #resolveClosed!: () => void;
  readonly #closed: Promise<void>;
  #wasReadOut: boolean | undefined;

  constructor(
    workerProcess: ProcessHandle,
    dialect: Dialect<C>,
    channel: ChannelChoice,
    events: LinkEvents,
  ) {
    this.#process = workerProcess;
    this.#dialect = dialect;
    this.#events = events;
    this.#wanted = channel;
    this.#channel = new Promise((resolve) => {
      this.#resolveChannel = resolve;
    });
    this.#announced = new Promise((resolve) => {
      this.#resolveAnnounced = resolve;
    });
    this.#closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    void workerProcess.channels.then((channels) => this.#listen(channels));
    void workerProcess.exited.then(({ crash }) => {
      if (crash !== undefined) this.report.crash = crash;
    });
  }

  get connection(): C | undefined {
    return this.#connection;
  }

  /** What the worker writes down of its calls, where it does. */
  get ledger(): CallLedger | undefined {
    return this.#process.ledger;
  }

  /** Resolves to the connection once calls can be made on it. */
  async open(): Promise<C> {
    const transport = await this.#channel;
    const connection = this.#dialect.open(transport, {
      ...this.#events,
      onPartialFrame: () => this.#frames?.begin(),
      onClosed: (reason) => {
        this.#frames?.stop();
        this.#wasReadOut ??= isInOrder(reason);
        this.#resolveClosed();
        this.#events.onClosed(reason);
      },
    });
    this.#connection = connection;
    this.#frames = new FrameWatch(connection, (error) => connection.close(error));
    await this.#dialect.ready(connection, this.#announced);
    return connection;
  }

  /** Tells the worker to stop one call, past the calls that wait in the data channel. */
  cancel(id: number): void {
    if (this.#cancelPipe?.write(id) !== true) this.#control?.cancel(id);
    this.#nudge.start();
  }

  /** Asks whether its interpreter is responsive; `onAlive` tells. */
  probe(): void {
    this.cancel(PROBE_ID);
  }

  /** After the process has ended: resolves when the replies it left behind have been read. */
  async readToEnd(): Promise<void> {
    if (this.#connection !== undefined) await within(READ_LIMIT_MS, this.#closed);
  }

  /** Whether the connection is closed, and all was read and understood that the worker had written: what it has not said it never said. */
  get wasReadOut(): boolean {
    return this.#wasReadOut === true;
  }

  /** Lets go of what the connection holds; the process has ended or is about to be killed. */
  close(reason: SynapseError): void {
    this.#wasReadOut ??= false; // what is not read by now never is
    this.#connection?.close(reason);
    this.#cancelPipe?.close();
    this.#nudge.stop();
  }

  /** Hears the worker from now on, and settles on a data channel where nothing is to be agreed. */
  #listen(channels: ProcessChannels): void {
    const { control, pipes, stdio } = channels;
    this.#control = new ControlChannel(control, {
      onLoop: (thread) => this.#process.noteLoop(thread),
      onStackDump: (fd) => {
        this.#dumpsStacks = this.#process.openStackDump(fd);
      },
      onLedger: (fd) => {
        this.#process.openLedger(fd);
      },
      onChannel: (offered) => this.#choose(offered, channels),
      onReady: () => this.#resolveAnnounced(),
      onCrash: (error) => {
        this.report.crash = error;
      },
      onExit: (lastRead) => {
        this.report.lastRead = lastRead;
      },
      onDraining: () => this.#events.onDraining(),
      onAlive: () => this.#events.onAlive(),
      onLog: (record) => this.#events.onLog(record),
      onWarning: (message) => this.#events.onWarning(message),
    });
    if (pipes !== undefined) this.#usePipes(pipes);
    else if (this.#wanted === 'socket') this.#resolveChannel(socketOf(channels));
    else if (stdio !== undefined) {
      this.#resolveChannel(new SocketTransport(stdio.input, stdio.output));
    }
  }

  #choose(offered: PipeNumbers | undefined, channels: ProcessChannels): void {
    const isOpen = this.#wanted === 'auto' && this.#connection === undefined;
    const opened = offered === undefined || !isOpen ? undefined : this.#tryPipes(offered);
    // The worker waits for this, and not for the streams that are made of what is open.
    const channel = opened === undefined ? 'socket' : 'pipes';
    this.#control?.answerChannel(channel, this.#dumpsStacks, this.ledger !== undefined);
    if (opened !== undefined) this.#usePipes(opened());
    else if (isOpen) this.#resolveChannel(socketOf(channels));
  }

  #usePipes({ transport, cancel }: OpenPipes): void {
    this.#cancelPipe = cancel;
    this.#resolveChannel(transport);
  }

  #tryPipes(numbers: PipeNumbers): (() => OpenPipes) | undefined {
    const { pid = 0 } = this.#process;
    try {
      const opened = openForSockets(pid, ourEnds(numbers));
      return () => usePipes(pid, opened, numbers);
    } catch {
      // No /proc here (macOS), it may not be read (hidepid), or this is a thread: the socket works everywhere.
      return undefined;
    }
  }
}

/** Whether a connection ended between two frames, when nothing was left to be read; a write that fails ends it at once. */
function isInOrder({ code, cause }: SynapseError): boolean {
  return code === 'CLOSED' && (cause === undefined || Object(cause).syscall === 'read');
}

function socketOf({ data }: ProcessChannels): Transport {
  if (data === undefined) throw new Error('The process has no portable data channel.');
  return new SocketTransport(data, data);
}
