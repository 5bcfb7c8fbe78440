// One measurement, in a process of its own so that run.mjs can pin it to a core. All contenders are open at once and take
// turns: every round visits each of them, starting one further on, so that whatever else the machine does hits them alike.
// Reads a plan (JSON) from argv, writes the result (JSON) to stdout.
import { isDeepStrictEqual } from 'node:util';
import { contenders } from './contenders/index.mjs';
import { payload, payloadBytes } from './payload.mjs';
import { quantile, summarize } from './statistics.mjs';

const measurements = {
  /** One call at a time: the time from call to reply, in microseconds. */
  async sequential(contender, { calls }) {
    const latencies = new Float64Array(calls);
    for (let i = 0; i < calls; i += 1) {
      const start = performance.now();
      await contender.call(payload);
      latencies[i] = (performance.now() - start) * 1000;
    }
    return { value: quantile(latencies, 0.5), tail: quantile(latencies, 0.99) };
  },

  /** Calls issued together, waited for together: calls per second. */
  async burst(contender, { bursts, inFlight }) {
    const together =
      contender.burst ??
      ((value, count) => Promise.all(Array.from({ length: count }, () => contender.call(value))));
    const start = performance.now();
    for (let i = 0; i < bursts; i += 1) await together(payload, inFlight);
    return { value: (bursts * inFlight) / ((performance.now() - start) / 1000) };
  },
};

async function openAll(names, python) {
  const open = [];
  for (const name of names) {
    const { open: start, name: title } = contenders[name];
    const contender = await start({ python, payloadBytes });
    const reply = await contender.call(payload);
    if (reply !== undefined && !isDeepStrictEqual(reply, payload))
      throw new Error(`${title} did not echo the payload: ${JSON.stringify(reply)}`);
    open.push({ name, rounds: [], tails: [], ...contender });
  }
  return open;
}

const plan = JSON.parse(process.argv[2]);
const measure = measurements[plan.measurement];
const open = await openAll(plan.contenders, plan.python);
for (const contender of open) await measure(contender, { ...plan, ...plan.warmUp });
for (let round = 0; round < plan.rounds; round += 1) {
  for (let turn = 0; turn < open.length; turn += 1) {
    const contender = open[(round + turn) % open.length];
    const { value, tail } = await measure(contender, plan);
    contender.rounds.push(value);
    if (tail !== undefined) contender.tails.push(tail);
  }
}
for (const contender of open) await contender.close();

const result = open.map(({ name, rounds, tails }) => ({
  name,
  ...summarize(rounds),
  ...(tails.length > 0 && { tail: summarize(tails).median }),
}));
process.stdout.write(JSON.stringify(result), () => process.exit(0)); // pythonia leaves a timer running
