/**
 * Keeps emitted JavaScript between runs, in the user's cache folder, by fingerprint.
 *
 * A file appears whole or not at all, so any number of processes may use the folder at once. A cache
 * that cannot be written is slow, not broken.
 */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** As many modules as anyone works on in a while; each takes some kilobytes. */
const MAX_ENTRIES = 256;
const SUFFIX = '.js';

export class EmittedCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The text kept for a fingerprint; undefined when there is none. */
  get(fingerprint: string): string | undefined {
    const path = this.#path(fingerprint);
    try {
      const text = readFileSync(path, 'utf8');
      touch(path);
      return text;
    } catch {
      return undefined;
    }
  }

  /** Keeps a text, and drops the ones that were used longest ago when there are too many. */
  set(fingerprint: string, text: string): void {
    const path = this.#path(fingerprint);
    const fresh = `${path}.${process.pid}.${process.hrtime.bigint()}`;
    try {
      mkdirSync(this.#folder, { recursive: true });
      writeFileSync(fresh, text);
      renameSync(fresh, path);
      this.#prune();
    } catch {
      discard(fresh);
    }
  }

  #path(fingerprint: string): string {
    return join(this.#folder, fingerprint + SUFFIX);
  }

  #prune(): void {
    const names = readdirSync(this.#folder);
    if (names.length <= MAX_ENTRIES) return;
    const byAge = names
      .map((name) => join(this.#folder, name))
      .map((path) => ({ path, usedAt: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
      .sort((a, b) => b.usedAt - a.usedAt);
    for (const { path } of byAge.slice(MAX_ENTRIES)) rmSync(path, { force: true });
  }
}

function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // there is no such folder to begin with
  }
}

function touch(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // not ours to touch: it is dropped earlier then
  }
}
