import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Synapse } from 'synapse-worker';

const python = new Synapse();

// The first run builds the Python environment.
beforeAll(() => python.spawn(path.join(__dirname, '..'), 'main'), 300_000);

afterAll(() => python.dispose());

test('a value is doubled', async () => {
  await expect(python.call({ value: 21 })).resolves.toEqual({ doubled: 42 });
});

test('an error in the reply rejects the call with that error', async () => {
  await expect(python.call({})).rejects.toBe('a request needs a value');
});
