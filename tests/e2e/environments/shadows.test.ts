// Files of the user that are called like modules of the standard library must not break what we import beside them.
import { describe, expect, it } from '@jest/globals';
import { Synapse } from 'synapse-worker';
import { connect } from '../support/connect.js';
import { newModule } from '../support/scratch.js';
import { errorOf } from '../support/waiting.js';

const SHADOW = 'raise ImportError("the file of the user was imported by somebody else")\n';
// Likely names for a file of one's own; nothing that a bare `import msgpack` would need.
const names = ['code', 'queue', 'secrets', 'calendar', 'statistics', 'test', 'html'];
const shadows = Object.fromEntries(names.map((name) => [`${name}.py`, SHADOW]));

describe('A module folder with files named like the standard library', () => {
  it('serves native calls, async ones, errors and streams', async () => {
    const directory = newModule({
      ...shadows,
      'struct.py': SHADOW, // what the worker itself serves with
      'requirements.txt': '',
      'main.py': `
from synapse_worker import Module

app = Module()


@app.method
def plain():
    return [1.5, "x", 2**70]


@app.method
async def later():
    return "later"


@app.method
def fail():
    raise ValueError("as planned")


@app.method
def count():
    yield from range(3)
`,
    });
    const client = await connect(directory);
    expect(await client.call('plain')).toEqual([1.5, 'x', 2n ** 70n]);
    expect(await client.call('later')).toBe('later');
    expect((await errorOf(client.call('fail'))).message).toContain('as planned');
    const items: unknown[] = [];
    for await (const item of client.stream('count')) items.push(item);
    expect(items).toEqual([0, 1, 2]);
    await client.close();
  });

  it('serves raw calls and reports their errors', async () => {
    const directory = newModule({
      ...shadows,
      'token.py': SHADOW, // what formats a traceback needs it
      'requirements.txt': '',
      'main.py': `
import sys

while head := sys.stdin.buffer.read(4):
    payload = sys.stdin.buffer.read(int.from_bytes(head, "little"))
    if payload == b"\\xa4fail":
        raise ValueError("as planned")
    sys.stdout.buffer.write(head + payload)
    sys.stdout.buffer.flush()
`,
    });
    const synapse = new Synapse();
    await synapse.spawn(directory, 'main');
    expect(await synapse.call('echo')).toBe('echo');
    expect((await errorOf(synapse.call('fail'))).message).toContain('as planned');
    expect(await synapse.call('again')).toBe('again');
    await synapse.dispose();
  });
});
