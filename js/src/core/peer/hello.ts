/**
 * The handshake: what each end says of itself first (docs/protocol.md, "Handshake"), and the
 * sentence that says what to upgrade when the two cannot work together.
 */
import { ProtocolError } from '../protocol/errors.js';
import { MAGIC, PROTOCOL_VERSION } from '../protocol/limits.js';
import { isRecord } from '../protocol/records.js';

/** The capability of who reads frames with segments. */
export const SEGMENTS = 'segments';

export interface MethodShape {
  readonly kind: 'call' | 'stream';
  readonly mode: 'sync' | 'async';
  /** The module says that a call of it may be made twice. */
  readonly idempotent?: true;
  /** How many of its calls the module lets run at once. */
  readonly concurrency?: number;
}

/** What a worker says of itself. */
export interface WorkerHello {
  readonly runtime: string;
  readonly language: string;
  readonly languageVersion: string;
  readonly pid: number;
  readonly module: string;
  readonly codec: string;
  readonly methods: ReadonlyMap<string, MethodShape>;
  readonly capabilities: readonly string[];
  /** The largest frame it takes; infinite when it does not say. */
  readonly maxFrameBytes: number;
}

/** What this end says of itself. */
export interface ClientHello {
  readonly runtime: string;
  readonly languageVersion: string;
}

export function helloBody(
  hello: ClientHello,
  capabilities: readonly string[],
  limits: { maxFrameBytes: number; maxDepth: number },
): Record<string, unknown> {
  return {
    magic: MAGIC,
    protocol: PROTOCOL_VERSION,
    runtime: hello.runtime,
    language: 'javascript',
    language_version: hello.languageVersion,
    capabilities,
    limits: { max_frame_bytes: limits.maxFrameBytes, max_depth: limits.maxDepth },
  };
}

/** Reads a worker's HELLO. @throws {ProtocolError} when it is not one this end can work with. */
export function readHello(map: Record<string, unknown>): WorkerHello {
  if (map.magic !== MAGIC) {
    throw new ProtocolError('The other end does not speak the Synapse protocol (wrong magic).');
  }
  if (map.protocol !== PROTOCOL_VERSION) {
    const theirs = Number(map.protocol);
    const older = theirs < PROTOCOL_VERSION ? 'Python' : 'npm';
    throw new ProtocolError(
      `The Python runtime ${text(map.runtime)} speaks protocol ${theirs}, this package protocol ${PROTOCOL_VERSION}: upgrade the ${older} side of synapse-worker.`,
    );
  }
  const methods = new Map<string, MethodShape>();
  for (const [name, shape] of Object.entries(record(map.methods))) {
    const { kind, mode, idempotent, concurrency } = record(shape);
    methods.set(name, {
      kind: kind === 'stream' ? 'stream' : 'call',
      mode: mode === 'async' ? 'async' : 'sync',
      ...(idempotent === true && { idempotent }),
      ...(isCount(concurrency) && { concurrency }),
    });
  }
  const capabilities = Array.isArray(map.capabilities) ? map.capabilities.map(text) : [];
  return {
    runtime: text(map.runtime),
    language: text(map.language),
    languageVersion: text(map.language_version),
    pid: Number(map.pid),
    module: text(map.module),
    codec: text(map.codec),
    methods,
    capabilities,
    maxFrameBytes: frameLimit(map.limits),
  };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

function record(value: unknown): Record<string, unknown> {
  if (!isRecord(value)) throw new ProtocolError('A HELLO must be a map with string keys.');
  return value;
}

function frameLimit(theirs: unknown): number {
  const bytes = (theirs as { max_frame_bytes?: unknown } | null | undefined)?.max_frame_bytes;
  return typeof bytes === 'number' && bytes > 0 ? bytes : Number.POSITIVE_INFINITY;
}

function text(value: unknown): string {
  return String(value);
}
