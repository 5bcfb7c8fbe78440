// The typed drills' client of the module `shop`: one for each file of drills.
import { afterAll, beforeAll } from '@jest/globals';
import { sharedModule } from '../support/scratch.js';
import { connect, type Shop } from './generated/shop.js';

/** Call at the top of a file; the client is there when its drills run. */
export function openShop(): { readonly client: Shop } {
  let client: Shop | undefined;
  beforeAll(async () => {
    client = await connect({ dir: sharedModule('shop'), onLog: () => undefined });
  }, 120_000);
  afterAll(() => client?.close());
  return {
    get client() {
      if (client === undefined) throw new Error('the shop is not open yet');
      return client;
    },
  };
}

export async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
