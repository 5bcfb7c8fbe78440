import { describe, expect, it } from '@jest/globals';
import type { CircuitState } from '../../../../src/core/client/events.js';
import { Circuit } from '../../../../src/node/supervisor/pool/circuit.js';
import type { RestartPolicy } from '../../../../src/node/supervisor/pool-policy.js';
import { FakeTime } from '../../support/fake-time.js';

function circuitOf(policy: Partial<RestartPolicy> = {}, random = 0) {
  const time = new FakeTime();
  const states: CircuitState[] = [];
  const circuit = new Circuit({
    policy: { max: 2, withinMs: 1000, coolDownMs: 100, ...policy },
    name: 'mortal',
    onChange: (state) => states.push(state),
    time,
    random: () => random,
  });
  return { circuit, time, states };
}

describe('A circuit', () => {
  it('opens when more workers end within its window than it allows', () => {
    const { circuit, time } = circuitOf();
    for (let n = 0; n < 2; n++) circuit.recordEnd();
    time.pass(1000);
    expect(circuit.state).toBe('closed');
    circuit.recordEnd();
    expect(circuit.state).toBe('open');
  });

  it('forgets ends that are older than its window', () => {
    const { circuit, time } = circuitOf();
    for (let n = 0; n < 20; n++) {
      circuit.recordEnd();
      time.pass(501);
    }
    expect(circuit.state).toBe('closed');
  });

  it('never opens for ends where there is no limit to them', () => {
    const { circuit } = circuitOf({ max: Number.POSITIVE_INFINITY });
    for (let n = 0; n < 1000; n++) circuit.recordEnd();
    expect(circuit.state).toBe('closed');
  });

  it('opens at the fifth start in a row that fails, not for others', () => {
    const { circuit } = circuitOf();
    for (let n = 0; n < 4; n++) circuit.recordFailedStart(new Error('no model'));
    circuit.recordStart();
    for (let n = 0; n < 4; n++) circuit.recordFailedStart(new Error('no model'));
    expect(circuit.state).toBe('closed');
    circuit.recordFailedStart(new Error('no model'));
    expect(circuit.state).toBe('open');
    expect(circuit.needsRepair).toBe(true);
    expect(circuit.refusal()).toMatchObject({
      message: expect.stringContaining('5 workers in a row could not start. no model'),
      cause: { message: 'no model' },
    });
  });

  it('says what happened, how long it rests, and the last words', () => {
    const { circuit, time } = circuitOf({ max: 0 });
    circuit.recordEnd();
    circuit.lastWords = 'out of tune';
    time.pass(40);
    expect(circuit.refusal()).toMatchObject({
      name: 'CircuitOpenError',
      code: 'CIRCUIT_OPEN',
      retryable: true,
      retryAfterMs: 60,
      stderrTail: 'out of tune',
      message: expect.stringMatching(
        /"mortal".*another 0\.06 s: A worker ended unexpectedly within 1 s\.\n.*\n.*out of tune/s,
      ),
    });
  });

  it('lets one probe through when it has cooled down, which closes it when it is ready', () => {
    const { circuit, time, states } = circuitOf({ max: 0 });
    circuit.recordEnd();
    time.pass(99);
    expect(circuit.tryProbe()).toBe(false);
    time.pass(1);
    expect(circuit.tryProbe()).toBe(true);
    expect(circuit.tryProbe()).toBe(false);
    circuit.recordStart();
    expect(states).toEqual(['open', 'half-open', 'closed']);
  });

  it('rests twice as long after each probe that fails, up to a minute', () => {
    const { circuit, time } = circuitOf({ max: 0 });
    circuit.recordEnd();
    const rests: number[] = [];
    for (let n = 0; n < 12; n++) {
      rests.push(circuit.retryAfterMs);
      time.pass(circuit.retryAfterMs);
      circuit.tryProbe();
      circuit.recordFailedStart(new Error('again'));
    }
    expect(rests.slice(0, 4)).toEqual([100, 200, 400, 800]);
    expect(rests.at(-1)).toBe(60_000);
  });

  it('rests longer too when workers become ready only to die again', () => {
    const { circuit, time } = circuitOf({ max: 0 });
    const rests: number[] = [];
    const relapse = (): void => {
      circuit.recordEnd();
      rests.push(circuit.retryAfterMs);
      time.pass(circuit.retryAfterMs);
      circuit.tryProbe();
      circuit.recordStart();
    };
    for (let n = 0; n < 3; n++) relapse();
    time.pass(1001);
    relapse();
    expect(rests).toEqual([100, 200, 400, 100]);
  });

  it('rests a random while longer', () => {
    const { circuit } = circuitOf({ max: 0 }, 1);
    circuit.recordEnd();
    expect(circuit.retryAfterMs).toBe(125);
  });

  it('closes when other code is loaded', () => {
    const { circuit, states } = circuitOf({ max: 0 });
    circuit.recordEnd();
    circuit.reset();
    circuit.reset();
    expect(states).toEqual(['open', 'closed']);
    expect(circuit.retryAfterMs).toBe(0);
  });
});
