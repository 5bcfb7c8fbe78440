/** How the supervisor treats the workers of one pool, with every default filled in. */

/** How many workers there are. */
export interface SizePolicy {
  readonly min: number;
  /** At least 1, and at least `min`. */
  readonly max: number;
  /** After how long without work those above `min` end. */
  readonly idleTimeoutMs: number;
}

/** When workers that keep ending are given a rest. */
export interface RestartPolicy {
  /** Ends that nobody asked for, within `withinMs`, above which the circuit opens. */
  readonly max: number;
  readonly withinMs: number;
  /** How long it stays open the first time. */
  readonly coolDownMs: number;
}

/** When a worker is replaced by a new one; `Infinity`: never for this reason. */
export interface RecyclePolicy {
  readonly calls: number;
  readonly memoryBytes: number;
  readonly ageMs: number;
  /** By what part of itself each limit is lowered at random, worker by worker, so that not all end at once. */
  readonly jitter: number;
}

/** What a worker process may use at most; a limit that is not there is not set. */
export interface ResourceLimits {
  /** Resident memory, watched by Node: who has more is killed. */
  readonly memoryBytes?: number | undefined;
  /** `RLIMIT_AS`: more raises `MemoryError` in Python. */
  readonly addressSpaceBytes?: number | undefined;
  /** `RLIMIT_CPU`: the kernel ends the process. */
  readonly cpuSeconds?: number | undefined;
  /** `RLIMIT_NOFILE`. */
  readonly openFiles?: number | undefined;
  /** `RLIMIT_NPROC`: counts all processes of the user. */
  readonly processes?: number | undefined;
  /** `RLIMIT_FSIZE`: the largest file that can be written. */
  readonly fileSizeBytes?: number | undefined;
}

/** What is done about a worker whose interpreter does not answer. */
export interface WatchdogPolicy {
  /** How long a worker may be busy without news before it is asked. */
  readonly afterMs: number;
  readonly action: 'report' | 'replace';
}

/** What a method is allowed beside the client's own limits. */
export interface MethodPolicy {
  /** Most calls of it under way at a time over all workers; `undefined`: as the module declares it. */
  readonly concurrency: number | undefined;
}

export interface PoolPolicy {
  readonly size: SizePolicy;
  /** Most calls and streams under way at a time over all workers. */
  readonly concurrency: number;
  /** By Python's name; methods that are not there have none of their own. */
  readonly methods: ReadonlyMap<string, MethodPolicy>;
  readonly restarts: RestartPolicy;
  readonly recycle: RecyclePolicy;
  readonly limits: ResourceLimits;
  readonly watchdog: WatchdogPolicy | undefined;
  /** Whether workers are forked from a warm process where that can be done. */
  readonly zygote: boolean;
}
