/**
 * Opens a pool, its first process ahead of it: Python takes longer to start than all that looks after it takes to be
 * made, which is then done meanwhile.
 */
import type { Connection } from './connection/connection.js';
import { Pool, type PoolOptions } from './pool/pool.js';
import { ProcessSources } from './pool/process-sources.js';
import type { PoolPolicy } from './pool-policy.js';
import { openSource } from './process/open-source.js';
import type { SpawnSpec } from './process/spawn-spec.js';
import { rehearseAtFirstStart } from './rehearsal/first-start.js';

/**
 * Returns a pool with a process on its way, where there must be workers: it is to be started, or terminated.
 *
 * @param spawn how its workers are started
 * @param rehearse uses the time until the process is there; a test passes its own
 */
export function openPool<C extends Connection>(
  spawn: SpawnSpec,
  options: PoolOptions<C>,
  rehearse: (dialect: 'native' | 'raw', policy: PoolPolicy) => void = rehearseAtFirstStart,
): Pool<C> {
  const { worker, policy } = options;
  const sources = new ProcessSources(spawn, (spec) =>
    openSource(spec, { ...worker, zygote: policy.zygote }),
  );
  if (policy.size.min > 0) {
    sources.current.begin();
    rehearse(worker.dialect.name, policy);
  }
  try {
    return new Pool(options, sources);
  } catch (error) {
    void sources.close();
    throw error;
  }
}
