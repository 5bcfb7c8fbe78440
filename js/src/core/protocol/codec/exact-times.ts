// What a Date cannot hold of a time: the nanoseconds below its milliseconds. They stay with the Date that was
// read, unseen, so that whoever asks for exact times gets them and a Date that goes back goes back as it came.

const NANOSECONDS_PER_MS = 1_000_000;

/** Hands a subclass another object to put its private fields on: they are invisible there, and cost nothing. */
class Borrowed {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: this is what the class is for
    return object;
  }
}

class Remainder extends Borrowed {
  readonly #nanoseconds: number;
  /** What the Date said at the time; it may have been set to another time since. */
  readonly #ms: number;

  constructor(date: Date, nanoseconds: number) {
    super(date);
    this.#nanoseconds = nanoseconds;
    this.#ms = date.getTime();
  }

  static of(date: Date): number {
    return #ms in date && (date as unknown as Remainder).#ms === date.getTime()
      ? (date as unknown as Remainder).#nanoseconds
      : 0;
  }
}

/** Returns the Date of a time, which remembers what it cannot show: `remainder`, 0 to 999,999 nanoseconds. */
export function exactDate(ms: number, remainder: number): Date {
  const date = new Date(ms);
  if (remainder > 0) {
    new Remainder(date, remainder);
  }
  return date;
}

/** Returns the nanoseconds that a Date remembers beyond its milliseconds. */
export function remainderOf(date: Date): number {
  return Remainder.of(date);
}

/** Returns the time of a Date in nanoseconds since 1970, with all that it remembers. */
export function nanosecondsOf(date: Date): bigint {
  return BigInt(date.getTime()) * BigInt(NANOSECONDS_PER_MS) + BigInt(Remainder.of(date));
}

/** Returns the Date of nanoseconds since 1970; it is invalid where no Date reaches. */
export function dateOfNanoseconds(nanoseconds: bigint): Date {
  const perMs = BigInt(NANOSECONDS_PER_MS);
  const remainder = ((nanoseconds % perMs) + perMs) % perMs;
  return exactDate(Number((nanoseconds - remainder) / perMs), Number(remainder));
}
