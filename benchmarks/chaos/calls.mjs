// What a call of the drill can be. Each kind says how it is made and what is right: `run` resolves only with an answer
// that is this call's own and complete, and throws `Wrong` for any other; `fails` tells an error that the method is
// meant to end with from one that something else has caused.
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

/** An answer that is not this call's, or not the whole of it. */
export class Wrong extends Error {}

const expecting = (expected, answer) => {
  if (isDeepStrictEqual(answer, expected)) return;
  const show = (value) => JSON.stringify(value)?.slice(0, 200) ?? String(value);
  throw new Wrong(`${show(answer)} instead of ${show(expected)}`);
};

/** A call whose answer must be equal to `expected`. */
const call = (method, args, expected) => ({
  async run(client, options) {
    expecting(expected, await client.call(method, args, {}, options));
  },
});

/** A call that must not resolve: its own error says which call it was. */
const failing = (method, number) => ({
  async run(client, options) {
    await client.call(method, [number], {}, options);
    throw new Wrong('a result instead of the error of the method');
  },
  fails: ({ code, message }) =>
    code === 'PYTHON_EXCEPTION' && message.includes(`call ${number} fails as it should`),
});

/** A call that is refused before any Python runs. */
const refused = (code, run) => ({
  never: true,
  async run(client, options) {
    await run(client, options);
    throw new Wrong(`a result instead of ${code}`);
  },
  fails: (error) => error.code === code,
});

const payloads = [
  (random) => random.integer(-1000, 1000),
  (random) => ({ text: 'é🐍'.repeat(random.integer(0, 40)), list: [1, [2, { three: null }]] }),
  (random) => 'x'.repeat(random.integer(0, 5000)),
  (random) => Array.from({ length: random.integer(0, 300) }, (_, index) => index * 1.5),
];

/** Reads a stream up to `limit` items, which must be numbered without a gap. */
async function readItems(stream, number, limit) {
  let read = 0;
  if (limit === 0) return read;
  for await (const item of stream) {
    expecting([number, read], item);
    read += 1;
    if (read === limit) break;
  }
  return read;
}

const streaming = (method) => (number, random) => {
  const items = random.pick([0, 1, 7, 50, 600]);
  return {
    async run(client, options) {
      const read = await readItems(
        client.stream(method, [number, items], {}, options),
        number,
        items + 1,
      );
      if (read !== items) throw new Wrong(`an end after ${read} of ${items} items`);
    },
  };
};

const breaking = (method) => (number, random) => {
  const wanted = random.integer(1, 40);
  return {
    async run(client, options) {
      const stream = client.stream(method, [number, 1_000_000], {}, options);
      const read = await readItems(stream, number, wanted);
      if (read !== wanted) throw new Wrong(`an end after ${read} of endless items`);
    },
  };
};

const asking = (method) => (number, random) => {
  const times = random.integer(1, 4);
  const how = random.pick(['sync', 'async', 'nested']);
  return {
    async run(client, options) {
      let asked = 0;
      const answers = {
        sync: (turn) => turn + number,
        async: async (turn) => {
          await new Promise((resume) => setTimeout(resume, 1));
          return turn + number;
        },
        nested: async (turn) => {
          // Its entry in the ledger is beyond those of the calls that are counted.
          const [, echoed] = await client.call('echo', [NESTED + number, turn]);
          return echoed + number;
        },
      };
      const answer = (turn) => {
        if (turn !== asked) throw new Wrong(`a callback out of turn: ${turn}, not ${asked}`);
        asked += 1;
        return answers[how](turn);
      };
      const sum = await client.call(method, [number, answer, times], {}, options);
      expecting((times * (times - 1)) / 2 + times * number, sum);
    },
    // What became of the call inside comes back through Python as the error of a callback.
    fails: (error) =>
      how === 'nested' && /JavaScriptError|PythonError|WORKER_EXITED|CLOSED/.test(describe(error)),
  };
};

const uploading = (method) => (number, random) => {
  const items = random.pick([0, 1, 5, 300, 2000]);
  const stopsAt = random.chance(0.2) ? random.integer(0, items) : items;
  return {
    async run(client, options) {
      let closed = 0;
      async function* rows() {
        try {
          for (let row = 0; row < items; row += 1) yield row + number;
        } finally {
          closed += 1;
        }
      }
      const sum = await client.call(method, [number, rows(), stopsAt], {}, options);
      expecting([number, (stopsAt * (stopsAt - 1)) / 2 + stopsAt * number], sum);
      if (closed > 1) throw new Wrong(`an upload that was closed ${closed} times`);
    },
  };
};

const describe = (error) => `${error.code} ${error.pythonType} ${error.message}`;

/** Numbers in the ledger from here on are of calls that are not counted. */
export const NESTED = 2 ** 40;

/** Each kind: how often it comes, and how it is made. */
export const kinds = {
  echo: { weight: 400, make: (n, random) => echo(n, random.pick(payloads)(random)) },
  digest: { weight: 8, make: (n, random) => digest(n, random.pick([1000, 70_000, 1_500_000])) },
  nap: { weight: 60, make: (n, random) => call('nap', [n, random.integer(0, 4) / 1000], n) },
  later: { weight: 150, make: (n, random) => call('later', [n, random.integer(0, 30) / 1000], n) },
  burn: { weight: 20, make: (n, random) => call('burn', [n, random.integer(0, 3) / 1000], n) },
  chatter: { weight: 20, make: (n, random) => call('chatter', [n, random.integer(0, 20)], n) },
  fail: { weight: 40, make: (n) => failing('fail', n) },
  'fail later': { weight: 40, make: (n) => failing('fail_later', n) },
  unfit: { weight: 10, make: (n) => unfit(n) },
  steps: { weight: 40, make: (n, random) => steps(n, random.integer(0, 20)) },
  stream: { weight: 40, make: streaming('count') },
  'stream later': { weight: 40, make: streaming('count_later') },
  'broken stream': { weight: 15, make: breaking('count') },
  'broken stream later': { weight: 15, make: breaking('count_later') },
  'failing stream': { weight: 10, make: (n, random) => failingStream(n, random.integer(0, 30)) },
  callback: { weight: 25, make: asking('ask') },
  'callback later': { weight: 25, make: asking('ask_later') },
  upload: { weight: 20, make: uploading('take') },
  'upload later': { weight: 20, make: uploading('take_later') },
  'no method': {
    weight: 5,
    make: (n) => refused('METHOD_NOT_FOUND', (client, o) => client.call('nowhere', [n], {}, o)),
  },
  'no value': {
    weight: 5,
    make: (n) =>
      refused('ENCODE_FAILED', (client, o) => client.call('echo', [n, Symbol('no')], {}, o)),
  },
  'wrong arguments': {
    weight: 5,
    make: (n) => refused('INVALID_ARGUMENTS', (client, o) => client.call('echo', [n, 1, 2], {}, o)),
  },
  die: { weight: 3, make: (n, random) => dying(n, random) },
  hang: { weight: 1.5, make: (n, random) => hanging(n, random) },
  'eat memory': { weight: 2, make: (n) => eating(n) },
  'eat descriptors': {
    weight: 2,
    make: (n, random) => call('eat_descriptors', [n, random.integer(0, 5) / 1000], n),
  },
  garble: { weight: 1.5, make: (n, random) => garbling(n, random) },
};

const echo = (n, payload) => call('echo', [n, payload], [n, payload]);

function digest(n, bytes) {
  const data = new Uint8Array(bytes).fill(n % 251);
  const hash = createHash('sha256').update(data).digest('hex');
  return call('digest', [n, data], [n, hash, new Uint8Array(bytes)]);
}

function unfit(number) {
  return {
    async run(client, options) {
      await client.call('unfit', [number], {}, options);
      throw new Wrong('a result where none can be sent');
    },
    fails: ({ code, message }) => code === 'ENCODE_FAILED' && message.includes('value'),
  };
}

function steps(number, count) {
  return {
    async run(client, options) {
      const seen = [];
      const onProgress = (value) => {
        // Made again in another worker, it begins anew.
        if (options.idempotent && value[1] === 0) seen.length = 0;
        seen.push(value);
      };
      expecting(
        number,
        await client.call('steps', [number, count], {}, { ...options, onProgress }),
      );
      expecting(
        Array.from({ length: count }, (_, step) => [number, step]),
        seen,
      );
    },
  };
}

function failingStream(number, items) {
  const own = failing('break_after', number);
  return {
    async run(client, options) {
      const stream = client.stream('break_after', [number, items], {}, options);
      let read = 0;
      try {
        for await (const item of stream) {
          expecting([number, read], item);
          read += 1;
        }
      } catch (error) {
        if (own.fails(error) && read !== items)
          throw new Wrong(`the error after ${read} of ${items}`);
        throw error;
      }
      throw new Wrong('an end instead of the error of the method');
    },
    fails: own.fails,
  };
}

function dying(number, random) {
  const how = random.pick([
    'exit',
    'exit 0',
    'SystemExit',
    'SIGKILL',
    'SIGSEGV',
    'SIGABRT',
    'SIGTERM',
    'SIGBUS',
  ]);
  return {
    how,
    ...call('die', [number, how], number),
    fails: ({ code, pythonType }) =>
      code === 'WORKER_EXITED' || (how === 'SystemExit' && pythonType === 'SystemExit'),
  };
}

function hanging(number, random) {
  const how = random.pick(['sleep', 'swallow', 'in C', 'stopped']);
  return {
    how,
    bounded: true,
    async run(client, options) {
      await client.call('hang', [number, how], {}, options);
      throw new Wrong('a result of what never ends');
    },
  };
}

function eating(number) {
  return {
    async run(client, options) {
      await client.call('eat_memory', [number], {}, options);
      throw new Wrong('more memory than there may be');
    },
    fails: ({ code, pythonType }) => code === 'PYTHON_EXCEPTION' && pythonType === 'MemoryError',
  };
}

function garbling(number, random) {
  const how = random.pick([
    'noise',
    'oversized',
    'unknown id',
    'unknown kind',
    'ignored kind',
    'truncated',
    'undecodable log',
  ]);
  // Noise can begin like a frame of a hundred million bytes, whose rest is then waited for.
  return { how, bounded: how === 'noise', ...call('garble', [number, how], number) };
}
