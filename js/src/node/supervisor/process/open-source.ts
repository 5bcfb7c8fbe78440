/** Chooses how the processes of a pool come to be. */
import { canAdopt } from '../../transport/adoption.js';
import type { Connection, Dialect } from '../connection/connection.js';
import type { LogRecord } from '../connection/log-record.js';
import { type ProcessSource, SpawningSource } from './process-source.js';
import type { ChannelChoice, SpawnSpec } from './spawn-spec.js';
import { ZygoteSource } from './zygote/zygote-source.js';

export interface SourceOptions {
  /** What log lines call the module. */
  readonly name: string;
  readonly dialect: Pick<Dialect<Connection>, 'name'>;
  readonly channel: ChannelChoice;
  /** Fork workers from a process that has imported the module, where that can be done. */
  readonly zygote?: boolean | undefined;
  readonly onLog: (record: LogRecord) => void;
}

export function openSource(spec: SpawnSpec, options: SourceOptions): ProcessSource {
  const { zygote, channel, dialect } = options;
  const isLinux = process.platform === 'linux';
  const canFork = isLinux && canAdopt && channel === 'auto' && dialect.name === 'native';
  if (zygote === true && canFork) return new ZygoteSource(spec, options);
  return new SpawningSource(spec, channel === 'stdio');
}
