/** What a worker says beside its answers: captured output, forwarded `logging`, our own remarks. */

export interface LogRecord {
  /** `stdout` and `stderr`: a captured line; `logging`: Python's logging; `runtime`: Synapse. */
  readonly source: 'stdout' | 'stderr' | 'logging' | 'runtime';
  /** As Python's `logging` names it: `DEBUG` to `CRITICAL`. */
  readonly level: string;
  /** Captured lines keep their newline. */
  readonly message: string;
  readonly pid: number | undefined;
  /** The id of the call that said it, as `ctx.call_id` in Python. */
  readonly callId?: number;
  /** The method of that call. */
  readonly method?: string;
  /** The trace that the call belongs to. */
  readonly traceId?: string;
  readonly logger?: string;
  readonly file?: string;
  readonly line?: number;
  readonly extra?: unknown;
}

/** Python's levels by number; one between two of them counts as the lower. */
const LEVELS: readonly [least: number, name: string][] = [
  [50, 'CRITICAL'],
  [40, 'ERROR'],
  [30, 'WARNING'],
  [20, 'INFO'],
  [10, 'DEBUG'],
];

function levelName(level: unknown): string {
  if (typeof level === 'string') return level;
  return LEVELS.find(([least]) => Number(level) >= least)?.[1] ?? 'NOTSET';
}

/** What printed lines count as, which say no level. */
const OUTPUT_LEVELS = { stdout: 'INFO', stderr: 'WARNING', logging: undefined } as const;

/** The call that something was said in. */
export interface LogOrigin {
  readonly callId: number;
  readonly method: string | undefined;
  readonly traceId: string | undefined;
}

/** Reads the body of a LOG message; a field of the wrong type is left out. */
export function logRecordFromWire(
  body: unknown,
  pid: number | undefined,
  origin?: LogOrigin,
): LogRecord {
  const map = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const { level, logger, message, file, line, extra } = map;
  const source = map.source === 'stdout' || map.source === 'stderr' ? map.source : 'logging';
  return {
    source,
    level: levelName(level ?? OUTPUT_LEVELS[source]),
    message: typeof message === 'string' ? message : String(message),
    pid,
    ...(origin !== undefined && { callId: origin.callId }),
    ...(origin?.method !== undefined && { method: origin.method }),
    ...(origin?.traceId !== undefined && { traceId: origin.traceId }),
    ...(typeof logger === 'string' && { logger }),
    ...(typeof file === 'string' && { file }),
    ...(typeof line === 'number' && { line }),
    ...(extra !== undefined && extra !== null && { extra }),
  };
}
