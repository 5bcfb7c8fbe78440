/**
 * A process that Node spawned: its output captured line by line, and reported gone only when its
 * children have gone too. It knows no protocol and no virtual environments.
 *
 * On Linux it makes itself the leader of a process group (`synapse_worker/worker/launch.py`): Node can only give
 * it a session of its own, and the kernel shares out processors by session, so that each call would cost more.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { marked, NO_ORIGIN, newOrigin, ORIGIN_VARIABLE } from './descendants.js';
import { killAtExit } from './host-exit.js';
import { LocalProcess } from './local-process.js';
import { type FindProcesses, killFamily, sweep } from './process-group.js';
import type { OnLine, ProcessChannels, ProcessExit } from './process-handle.js';
import type { SpawnSpec } from './spawn-spec.js';
import { requireDescriptors, tooManyFiles } from './too-many-files.js';

const DATA_FD = 3;
const CONTROL_FD = 4;
const LIFE_FD = 5;
/** What starting a child takes for a moment: both ends of its six pipes, and of the one that tells of a failed exec. */
const SPAWN_DESCRIPTORS = 14;

const LEADS_ITS_GROUP_ITSELF = process.platform === 'linux';

export class WorkerProcess extends LocalProcess {
  readonly exited: Promise<ProcessExit>;
  readonly channels: Promise<ProcessChannels>;
  readonly #child: ChildProcess;
  /** Typed for what was asked for: the library's type knows five. */
  readonly #stdio: readonly (Readable | Writable | null | undefined)[];
  readonly #findOthers: FindProcesses | undefined;
  #forgetKill: (() => void) | undefined;

  /**
   * @param rawStdio the worker's stdin and stdout are the data channel and are not captured
   * @throws {Error} this process has no descriptors left; nothing was started
   */
  constructor(spec: SpawnSpec, rawStdio: boolean, onLine: OnLine) {
    super(onLine);
    requireDescriptors(SPAWN_DESCRIPTORS);
    const origin = spec.env?.[ORIGIN_VARIABLE] === NO_ORIGIN ? NO_ORIGIN : newOrigin();
    // What comes from a zygote carries the marks of its workers.
    if (origin !== NO_ORIGIN) this.#findOthers = () => marked(origin);
    this.#child = spawn(spec.command, spec.args, {
      cwd: spec.cwd,
      env: { ...(spec.env ?? process.env), [ORIGIN_VARIABLE]: origin },
      detached: !LEADS_ITS_GROUP_ITSELF,
      stdio: [rawStdio ? 'pipe' : 'ignore', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
    });
    // Out of descriptors, Node starts nothing and makes no streams; it tells why only later.
    this.#stdio = this.#child.stdio;
    if (!this.#stdio?.[LIFE_FD]) {
      this.#child.once('error', () => undefined);
      throw tooManyFiles();
    }
    const { stdin, stdout, stderr } = this.#child;
    if (!rawStdio) this.output.capture('stdout', stdout as Readable);
    this.output.capture('stderr', stderr as Readable);
    // The last thing a worker says of its end comes on the control channel.
    this.output.await(this.controlSocket);
    this.exited = this.#watch();
    this.channels = Promise.resolve({
      control: { input: this.controlSocket, output: this.controlSocket },
      data: this.#stdio[DATA_FD] as Socket,
      ...(rawStdio && { stdio: { input: stdout as Readable, output: stdin as Writable } }),
    });
    // A worker never keeps its host alive by itself; what waits for it does.
    this.#child.unref();
    for (const stream of this.#stdio) {
      (stream as Partial<Socket> | null)?.unref?.();
      // A broken pipe is told by the process's end, which says more.
      stream?.on('error', () => undefined);
    }
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get controlSocket(): Socket {
    return this.#stdio[CONTROL_FD] as Socket;
  }

  /** It sees the exit of this process by itself and has work to do then: it is not killed with it. */
  outliveHost(): void {
    this.#forgetKill?.();
  }

  protected override deliver(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async #watch(): Promise<ProcessExit> {
    const child = this.#child;
    const { pid } = child;
    if (pid !== undefined) this.#forgetKill = killAtExit(() => killFamily(pid, this.#findOthers));
    const ended = await new Promise<Omit<ProcessExit, 'stderrTail'>>((resolve) => {
      child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
      child.once('error', (spawnError) => {
        // `error` is also told for a failed kill; only a child without a pid never ran.
        if (pid === undefined) resolve({ exitCode: null, signal: null, spawnError });
      });
    });
    this.markGone();
    this.#forgetKill?.();
    if (pid !== undefined) await sweep(pid, this.#findOthers);
    await this.output.ended();
    // The data channel is closed by the connection that reads it.
    for (const stream of [this.#stdio[CONTROL_FD], this.#stdio[LIFE_FD]]) stream?.destroy();
    return { ...ended, stderrTail: this.stderrTail };
  }
}
