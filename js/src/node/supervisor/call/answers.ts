/** What the errors say that a worker answers, beside what went wrong. */
import type { SynapseError } from '../../../core/protocol/errors.js';

/** How a worker answers a call that came after it was told to end, or that was taken back: it never began that one. */
export function saysUnbegun(error: SynapseError): boolean {
  return error.code === 'CLOSED' && detailOf(error, 'begun') === false;
}

function detailOf({ details }: SynapseError, name: string): unknown {
  return (details as Record<string, unknown> | null | undefined)?.[name];
}

/** Where a coroutine was when it was told to stop. */
export function stackOf(error: SynapseError): string | undefined {
  const stack = detailOf(error, 'stack');
  return typeof stack === 'string' ? stack : undefined;
}
