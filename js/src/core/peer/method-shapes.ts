/**
 * What a worker's HELLO says of each method (docs/protocol.md, "Handshake"): whoever retries calls, bounds them or
 * calls by name has to know; generated clients know their methods themselves.
 */
import { ProtocolError } from '../protocol/errors.js';
import { isRecord } from '../protocol/records.js';

export interface MethodShape {
  readonly kind: 'call' | 'stream';
  readonly mode: 'sync' | 'async';
  /** The module says that a call of it may be made twice. */
  readonly idempotent?: true;
  /** How many of its calls the module lets run at once. */
  readonly concurrency?: number;
}

/** Reads the methods of a HELLO. */
export type ReadShapes = (methods: unknown) => ReadonlyMap<string, MethodShape>;

/** @throws {ProtocolError} when there are none, or one is not described by a map. */
export function readShapes(methods: unknown): ReadonlyMap<string, MethodShape> {
  const shapes = new Map<string, MethodShape>();
  for (const [name, shape] of Object.entries(record(methods))) {
    const { kind, mode, idempotent, concurrency } = record(shape);
    shapes.set(name, {
      kind: kind === 'stream' ? 'stream' : 'call',
      mode: mode === 'async' ? 'async' : 'sync',
      ...(idempotent === true && { idempotent }),
      ...(isCount(concurrency) && { concurrency }),
    });
  }
  return shapes;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

function record(value: unknown): Record<string, unknown> {
  if (!isRecord(value)) throw new ProtocolError('A HELLO must be a map with string keys.');
  return value;
}
