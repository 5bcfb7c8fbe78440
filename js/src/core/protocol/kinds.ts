// The kinds of messages and the shape of the header they share (docs/protocol.md, "Messages").

export const HEADER_BYTES = 8;
/** On CALL and OPEN: the caller wants PROGRESS. */
export const FLAG_WANTS_PROGRESS = 0x01;
/** On CALL: the caller wants to know how long the method runs. On RESULT: the answer to that. */
export const FLAG_TIMING = 0x02;
/** Kinds from here on are ignored by whoever does not know them. */
export const FIRST_IGNORED_KIND = 128;
/** A kind that may be ignored: the worker may give back what memory it shares and does not use. No body. */
export const TRIM = 128;

/** An enumeration and no object: bundlers put the numbers in the place of the names. */
export enum Kind {
  Hello = 1,
  Call = 2,
  Result = 3,
  Error = 4,
  Open = 5,
  Items = 6,
  End = 7,
  Credit = 8,
  Cancel = 9,
  Progress = 10,
  Log = 11,
  Ping = 12,
  Pong = 13,
  Drain = 14,
  Fail = 15,
}

const NAMES =
  'HELLO CALL RESULT ERROR OPEN ITEMS END CREDIT CANCEL PROGRESS LOG PING PONG DRAIN FAIL'.split(
    ' ',
  );

/** Returns the name of a kind as the protocol writes it, for messages to people. */
export function kindName(kind: number): string {
  return NAMES[kind - 1] ?? `kind ${kind}`;
}
