import path from 'node:path';
import { type Client, connect } from 'synapse-worker';

/** What `summarize` in main.py returns. */
export interface Summary {
  words: number;
  longest: string;
  size: string;
}

/** Start the Python module of this project (its environment is built on first use). */
export function start(): Promise<Client> {
  return connect(path.join(__dirname, '..'));
}
