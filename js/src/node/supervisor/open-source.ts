/** Chooses how the processes of a pool come to be. */
import type { Connection, Dialect } from './connection.js';
import type { LogRecord } from './log-record.js';
import { type ProcessSource, SpawningSource } from './process-source.js';
import type { ChannelChoice, SpawnSpec } from './spawn-spec.js';

export interface SourceOptions {
  readonly dialect: Pick<Dialect<Connection>, 'name'>;
  readonly channel: ChannelChoice;
  readonly onLog: (record: LogRecord) => void;
}

export function openSource(spec: SpawnSpec, { channel }: SourceOptions): ProcessSource {
  return new SpawningSource(spec, channel === 'stdio');
}
