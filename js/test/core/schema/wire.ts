// Sends values through the codec, as between Python and a generated client.

import { decodeValue } from '../../../src/core/protocol/codec/decode.js';
import { encodeValue } from '../../../src/core/protocol/codec/encode.js';
import type { Plan } from '../../../src/core/schema/index.js';

/** Returns what comes when `wire` was sent. */
export function sent(wire: unknown): unknown {
  return decodeValue(encodeValue(wire));
}

/** Returns what a caller gets when Python returns `wire`. */
export function received<T>(plan: Plan<T>, wire: unknown): T {
  return plan.decode(sent(wire), '$', { method: 'quote', service: () => undefined });
}

/** Returns a value that went out by a plan and came back by the same. */
export function echoed<T>(plan: Plan<T>, value: T): T {
  return received(plan, plan.encode(value));
}
