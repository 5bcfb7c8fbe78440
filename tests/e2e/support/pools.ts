// Pools of the module `peers`, ended after each test, and calls that are known to run.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import type { Client, ConnectOptions } from 'synapse-worker';
import { connect } from './connect.js';
import { newFolder, sharedModule } from './scratch.js';
import { within } from './waiting.js';

const open = new Set<Client>();
afterEach(async () => {
  const ended = [...open].map((client) => client.terminate());
  open.clear();
  await Promise.all(ended);
});

/** A client of `modules/native/peers.py`. */
export async function pool(options: ConnectOptions = {}): Promise<Client> {
  const client = await connect(sharedModule('native'), { entrypoint: 'peers', ...options });
  open.add(client);
  return client;
}

/** A path in a folder of its own, where there is nothing yet. */
export const newPath = (name = 'note'): string => join(newFolder(), name);

export interface Waiting {
  readonly result: Promise<string>;
  /** Resolves when Python has begun with it. */
  readonly begun: Promise<unknown>;
  /** Lets it go on to its end. */
  release(): void;
}

/** A call that runs until it is released. */
export function waiting(
  client: Client,
  method: 'wait_for' | 'wait_for_later' = 'wait_for',
): Waiting {
  const path = newPath('go');
  let onProgress!: () => void;
  const begun = new Promise<void>((resolve) => {
    onProgress = resolve;
  });
  const result = client.call<string>(method, [path], {}, { onProgress });
  result.catch(() => undefined);
  return {
    result,
    begun: within(30_000, 'the call begins', begun),
    release: () => {
      if (!existsSync(path)) writeFileSync(path, '');
    },
  };
}

/** Calls a method that reports once that it runs, and resolves when it does. */
export async function begun(
  client: Client,
  method: string,
  args: readonly unknown[] = [],
  options: Parameters<Client['call']>[3] = {},
): Promise<{ result: Promise<unknown> }> {
  let result!: Promise<unknown>;
  const runs = new Promise<void>((onProgress) => {
    result = client.call(method, args, {}, { ...options, onProgress: () => onProgress() });
  });
  result.catch(() => undefined);
  await within(30_000, `${method} begins`, runs);
  return { result };
}
