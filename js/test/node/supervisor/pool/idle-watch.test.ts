import { describe, expect, it } from '@jest/globals';
import { IdleWatch } from '../../../../src/node/supervisor/pool/idle-watch.js';
import { FakeTime } from '../../support/fake-time.js';

function watchOver(...names: string[]) {
  const time = new FakeTime();
  const workers = names.map((name) => ({
    ...{ name, wasReady: true, inFlight: 0, waiting: 0, served: 0, inhabited: false },
  }));
  const gone: string[] = [];
  const watch = new IdleWatch({
    idleTimeoutMs: 1000,
    candidates: () => workers,
    onIdle: (worker) => {
      gone.push(worker.name);
      workers.splice(workers.indexOf(worker), 1);
    },
    time,
  });
  watch.start();
  return { time, workers, gone, watch };
}

describe('An idle watch', () => {
  it('finds a worker that has done nothing for the time, at most a quarter late', () => {
    const { time, gone } = watchOver('idle');
    time.pass(1000);
    expect(gone).toEqual([]);
    time.pass(250);
    expect(gone).toEqual(['idle']);
  });

  it.each([
    ['has a call', { inFlight: 1 }],
    ['starts', { wasReady: false }],
    ['has service instances', { inhabited: true }],
    ['has calls that wait for it', { waiting: 1 }],
  ])('leaves one alone that %s', (_, state) => {
    const { time, gone, workers } = watchOver('busy');
    Object.assign(workers[0] as object, state);
    time.pass(10_000);
    expect(gone).toEqual([]);
  });

  it('begins anew when a worker has served a call, however short', () => {
    const { time, gone, workers } = watchOver('called');
    const [worker] = workers;
    for (let n = 0; n < 20; n++) {
      time.pass(900);
      if (worker !== undefined) worker.served += 1;
    }
    expect(gone).toEqual([]);
    time.pass(1500);
    expect(gone).toEqual(['called']);
  });

  it('sets no timer while there is nobody to look at, nor when it was stopped', () => {
    const { time, watch } = watchOver('one');
    time.pass(1500);
    expect(time.pending).toBe(0);
    watch.start();
    watch.stop();
    expect(time.pending).toBe(0);
  });
});
