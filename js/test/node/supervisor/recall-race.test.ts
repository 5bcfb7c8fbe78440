/**
 * The race between a recall and a worker that begins calls meanwhile, thousands of times: a process that
 * does nothing else against the real memory, and then workers that are killed at random.
 * To repeat a run, give its seed: SYNAPSE_RACE_SEED=… jest …; SYNAPSE_RACE_TIMES=10 makes it so much longer.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, it, jest } from '@jest/globals';
import { WorkerExitedError } from '../../../src/core/errors.js';
import type { PoolClient } from '../../../src/node/connect/pool-client.js';
import { CallLedger } from '../../../src/node/supervisor/connection/call-ledger.js';
import { Recall } from '../../../src/node/supervisor/worker/recall.js';
import { MODULES, nativeClient, PYTHON } from '../support/launch.js';
import { eventually, linesOf } from '../support/waiting.js';

const seed = Number(process.env.SYNAPSE_RACE_SEED ?? Math.floor(Math.random() * 2 ** 31));
const times = Number(process.env.SYNAPSE_RACE_TIMES ?? 1);

const folder = mkdtempSync(join(tmpdir(), 'race-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The same numbers for the same seed, from 0 to 1 (mulberry32). */
function randomOf(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

it(
  `No call is taken back that is begun all the same (seed ${seed})`,
  async () => {
    const count = 200_000 * times;
    const path = join(folder, 'fates');
    writeFileSync(path, new Uint8Array(count + 1));
    const script = resolve(MODULES, 'native/beginner.py');
    const child = spawn(PYTHON, [script, String(seed), String(count), path], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const [fd] = (await once(createInterface(child.stdout), 'line')) as [string];
    const ledger = CallLedger.open(child.pid ?? 0, Number(fd)) as CallLedger;
    const random = randomOf(seed);
    const taken = new Set<number>();
    let asked = 0;
    let settled: () => void = () => undefined;
    const recall = new Recall<{ id: number }>({
      ledger: () => ledger,
      isThere: () => true,
      onTaken: (calls) => {
        for (const { id } of calls) taken.add(id);
        settled();
      },
    });
    child.stdin.write('begin\n');
    for (
      let begun = 0;
      begun < count && child.exitCode === null;
      begun = ledger.lastBegun ?? count
    ) {
      const some = Array.from({ length: 500 }, (_, ahead) => ({ id: begun + 1 + ahead }));
      const wanted = some.filter(({ id }) => id <= count && random() < 0.7 && !taken.has(id));
      const answer = new Promise<void>((resume) => {
        settled = resume;
      });
      recall.begin(wanted);
      asked += 1;
      // Where all had begun before, nothing is taken.
      await Promise.race([answer, new Promise((resume) => setTimeout(resume, 2 + 3 * random()))]);
    }
    recall.stop();
    await exited;
    ledger.close();
    const fates = readFileSync(path, 'latin1');
    const runTwice = [...taken].filter((id) => fates[id] !== 'd');
    expect(runTwice).toEqual([]);
    expect(fates.slice(1)).toMatch(/^[rd]*$/);
    // Else it has shown nothing.
    expect(asked).toBeGreaterThan(50);
    expect(taken.size).toBeGreaterThan(1000);
  },
  30_000 * times,
);

const ROUNDS = 20 * times;
const METHODS = [
  'mark',
  'mark',
  'mark',
  'mark',
  'mark_async',
  'mark_in_c',
  'mark_and_die',
] as const;

async function outcomeOf(client: PoolClient, path: string, token: string, random: () => number) {
  const method = METHODS[Math.floor(random() * METHODS.length)] as string;
  const isLong = random() < 0.03;
  const last =
    method === 'mark_and_die' ? random() < 0.05 : isLong ? 20 + Math.round(60 * random()) : 0;
  try {
    if (random() < 0.1) {
      const name = random() < 0.5 ? 'mark_items' : 'mark_items_async';
      for await (const item of client.stream<string>(name, [path, token])) return item;
    }
    return await client.call<string>(method, [path, token, last]);
  } catch (error) {
    return error;
  }
}

it(
  `No call runs twice, and none is lost, while workers are killed and calls are taken back (seed ${seed})`,
  async () => {
    const random = randomOf(seed);
    const path = join(folder, 'marks');
    const recalls = jest.spyOn(CallLedger.prototype, 'recall');
    const restarts = { max: 1_000_000, withinMs: 1000 };
    const client = await nativeClient({ entrypoint: 'marks.py', workers: 3, restarts });
    const outcomes = new Map<string, unknown>();
    let kills = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const tokens = Array.from({ length: 60 }, (_, n) => `${round}-${n}`);
      const calls = tokens.map(async (token) => {
        outcomes.set(token, await outcomeOf(client, path, token, random));
      });
      if (random() < 0.7) {
        const begun = Math.floor(60 * random());
        await eventually('some have an answer', () => outcomes.size >= round * 60 + begun / 2);
        const ready = client.workers.filter(({ state }) => state === 'ready' || state === 'busy');
        const victim = ready[Math.floor(random() * ready.length)];
        if (victim?.pid !== undefined) process.kill(victim.pid, 'SIGKILL');
        kills += 1;
      }
      await Promise.all(calls);
    }
    const runs = new Map<string, number>();
    for (const token of linesOf(path)) runs.set(token, (runs.get(token) ?? 0) + 1);
    const wrong = [...outcomes].filter(([token, outcome]) => {
      const ran = runs.get(token) ?? 0;
      if (outcome === token) return ran !== 1;
      return (
        !(outcome instanceof WorkerExitedError) || ran > 1 || (ran === 1 && !outcome.maybeExecuted)
      );
    });
    expect(wrong).toEqual([]);
    expect(outcomes.size).toBe(60 * ROUNDS);
    expect(kills).toBeGreaterThan(5);
    expect(recalls.mock.calls.length).toBeGreaterThan(0);
    recalls.mockRestore();
  },
  60_000 * times,
);
