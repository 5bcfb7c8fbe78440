// What messages of the native dialect are, decoded, and what an end may know of them.

import type { Extensions } from './codec/extension-tables.js';
import type { DecodeError } from './errors.js';
import type { Kind } from './kinds.js';

/** By which kinds an end asks something of the other. */
export type RequestKind =
  | typeof Kind.Call
  | typeof Kind.Open
  | typeof Kind.Credit
  | typeof Kind.Cancel;

export type Message =
  | { kind: typeof Kind.Hello; body: Record<string, unknown> }
  | {
      kind: typeof Kind.Call;
      id: number;
      method: string;
      args: unknown[];
      kwargs: Record<string, unknown>;
      wantsProgress: boolean;
      wantsTiming: boolean;
      meta: Record<string, unknown> | undefined;
    }
  /**
   * `hasBigInt`: an integer beyond ±(2^53 − 1) is somewhere in it. `runNs`: how long the method ran,
   * where the call wanted to know that.
   */
  | {
      kind: typeof Kind.Result;
      id: number;
      value: unknown;
      hasBigInt: boolean;
      runNs: number | undefined;
    }
  | { kind: typeof Kind.Error; id: number; error: Record<string, unknown> }
  | {
      kind: typeof Kind.Open;
      id: number;
      method: string;
      args: unknown[];
      kwargs: Record<string, unknown>;
      credit: number;
      wantsProgress: boolean;
      meta: Record<string, unknown> | undefined;
    }
  | { kind: typeof Kind.Items; id: number; items: unknown[]; hasBigInt: boolean }
  | { kind: typeof Kind.End; id: number }
  | { kind: typeof Kind.Credit; id: number; items: number }
  | { kind: typeof Kind.Cancel; id: number }
  | { kind: typeof Kind.Progress; id: number; value: unknown }
  | { kind: typeof Kind.Log; id: number; record: Record<string, unknown> }
  | { kind: typeof Kind.Ping; value: unknown }
  | { kind: typeof Kind.Pong; value: unknown }
  | { kind: typeof Kind.Drain }
  | { kind: typeof Kind.Fail; error: Record<string, unknown> }
  /** The header is fine and the body is not: only this id fails. */
  | { kind: 'undecodable'; of: Kind; id: number; error: DecodeError }
  /** Of a kind that whoever does not know it passes over. */
  | { kind: 'ignored' };

/** The kinds whose bodies can be large. */
export type BulkKind = typeof Kind.Result | typeof Kind.Items;

/** Reads a message by which the other end asks something. */
export type ReadRequest = (
  kind: RequestKind,
  flags: number,
  id: number,
  payload: Uint8Array,
) => Message;

/** What an end knows of messages beyond those that answer its calls. */
export interface Known {
  /** What travels beside the values of MessagePack. */
  readonly extensions: Extensions;
  /** Without it, there are no requests. */
  readonly readRequest?: ReadRequest | undefined;
}
