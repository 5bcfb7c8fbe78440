// Where in a value a plan is: tells the path when something is wrong, and costs no text while nothing is.

import { pathStep } from '../protocol/codec/refusals.js';

/** A generated class of service instances. */
export type ServiceClass<S = unknown> = abstract new (...args: never[]) => S;

/** What decoding may need to know of the call that a value came with. */
export interface DecodeContext {
  /** Python's name of the method, for messages. */
  readonly method?: string;
  /** Gives an instance of a service, which travels as a number, its face. */
  service?(type: ServiceClass, id: number): unknown;
}

/** Where a value is. All the parts of a container share one place inside it; its `key` says which it is. */
export class Place {
  /** The part that is being read or written, where this is the place of a container. */
  key: unknown;
  readonly context: DecodeContext | undefined;
  /** What the whole value is, for messages. */
  readonly subject: string;
  /** What its path begins with. */
  readonly root: string;
  readonly #outer: Place | undefined;
  /** How many containers it is in. */
  readonly depth: number;

  constructor(root: string, context?: DecodeContext, subject = 'the result', outer?: Place) {
    this.root = root;
    this.context = context;
    this.subject = subject;
    this.#outer = outer;
    this.depth = outer === undefined ? 0 : outer.depth + 1;
  }

  /** Returns the place of the parts of the container that is here. */
  inside(): Place {
    return new Place(this.root, this.context, this.subject, this);
  }

  /** The path from the whole value to here, as in `$.items[3].at`. */
  get path(): string {
    const outer = this.#outer;
    return outer === undefined ? this.root : outer.path + pathStep(outer.key);
  }
}
