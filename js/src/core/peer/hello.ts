/**
 * The handshake: what each end says of itself first (docs/protocol.md, "Handshake"), and the
 * sentence that says what to upgrade when the two cannot work together.
 */
import { ProtocolError } from '../protocol/errors.js';
import { MAGIC, PROTOCOL_VERSION } from '../protocol/limits.js';
import type { MethodShape, ReadShapes } from './method-shapes.js';

/** The capability of who reads frames with segments. */
export const SEGMENTS = 'segments';

/** The capability of who has opened the shared memory of this channel, and reads segments there. */
export const SHARED = 'shared';

/** What a worker says of itself. */
export interface WorkerHello {
  readonly runtime: string;
  readonly language: string;
  readonly languageVersion: string;
  readonly pid: number;
  readonly module: string;
  readonly codec: string;
  /** Empty where nobody reads them. */
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

/**
 * Reads a worker's HELLO, the shapes of its methods with `readShapes`.
 *
 * @throws {ProtocolError} when it is not one this end can work with.
 */
export function readHello(map: Record<string, unknown>, readShapes?: ReadShapes): WorkerHello {
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
  const capabilities = Array.isArray(map.capabilities) ? map.capabilities.map(text) : [];
  return {
    runtime: text(map.runtime),
    language: text(map.language),
    languageVersion: text(map.language_version),
    pid: Number(map.pid),
    module: text(map.module),
    codec: text(map.codec),
    methods: readShapes?.(map.methods) ?? new Map(),
    capabilities,
    maxFrameBytes: frameLimit(map.limits),
  };
}

function frameLimit(theirs: unknown): number {
  const bytes = (theirs as { max_frame_bytes?: unknown } | null | undefined)?.max_frame_bytes;
  return typeof bytes === 'number' && bytes > 0 ? bytes : Number.POSITIVE_INFINITY;
}

function text(value: unknown): string {
  return String(value);
}
