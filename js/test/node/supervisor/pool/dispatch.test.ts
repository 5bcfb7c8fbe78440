/** What is given back by a worker waits for the next one; what was settled in between does not. */
import { expect, it } from '@jest/globals';
import { CallLimits } from '../../../../src/node/supervisor/call/call-limits.js';
import type { CallPolicy } from '../../../../src/node/supervisor/call/call-policy.js';
import { Task } from '../../../../src/node/supervisor/call/task.js';
import type { Connection } from '../../../../src/node/supervisor/connection/connection.js';
import { Dispatch } from '../../../../src/node/supervisor/pool/dispatch.js';
import type { Workforce } from '../../../../src/node/supervisor/pool/workforce.js';

const POLICY: CallPolicy = {
  ...{ queueMs: 0, runMs: 0, totalMs: 0, idleMs: 0 },
  ...{ priority: 0, idempotent: undefined, retries: 0 },
};

class Call extends Task {
  readonly id = 1;

  constructor() {
    super('call', POLICY, undefined);
  }

  protected override send(): void {}

  override isSerial(): boolean {
    return true;
  }

  protected override deliverError(): void {}
}

it('queues of what is given back only those that are not settled', () => {
  const nobody = { bestFor: () => undefined, of: () => undefined, startingCount: 0 };
  const dispatch = new Dispatch<Connection>({
    workforce: nobody as unknown as Workforce<Connection>,
    limits: new CallLimits({
      concurrency: Number.POSITIVE_INFINITY,
      methods: new Map(),
      onRoom: () => undefined,
    }),
    maxQueue: 10,
    observer: undefined,
    mayGrow: () => false,
    onNoRoom: () => undefined,
  });
  const [waiting, settled] = [new Call(), new Call()];
  settled.fail(new Error('told with another'));
  dispatch.giveBack([settled, waiting]);
  expect(dispatch.size).toBe(1);
  waiting.fail(new Error('given up'));
  expect(dispatch.size).toBe(0);
});
