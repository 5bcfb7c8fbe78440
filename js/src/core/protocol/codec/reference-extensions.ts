// References among the values, as whoever serves calls reads them and passes them on: see `references`.

import type { Extensions, ReadExtension, WriteInstance } from './extension-tables.js';
import {
  type CallbackReference,
  callbackFromPayload,
  EXT_CALLBACK,
  EXT_STREAM,
  MAX_REFERENCE,
  streamFromPayload,
} from './references.js';
import { Refusal } from './refusals.js';

const writerOf =
  (type: typeof EXT_CALLBACK | typeof EXT_STREAM): WriteInstance =>
  (out, value) => {
    const { id } = value as CallbackReference;
    if (!Number.isInteger(id) || id < 1 || id > MAX_REFERENCE) {
      throw new Refusal('a reference has a number from 1 to 2^32 − 1');
    }
    out.reference(type, id);
  };

function references(): Extensions {
  return {
    readers: new Map<number, ReadExtension>([
      [EXT_CALLBACK, callbackFromPayload],
      [EXT_STREAM, streamFromPayload],
    ]),
    writers: new Map([
      ['CallbackReference', writerOf(EXT_CALLBACK)],
      ['StreamReference', writerOf(EXT_STREAM)],
    ]),
  };
}

export const REFERENCES: Extensions = /* @__PURE__ */ references();
