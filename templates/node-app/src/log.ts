// What Python prints and logs becomes part of the log of the service, level for level.
import type { FastifyBaseLogger } from 'fastify';
import type { LogRecord } from 'synapse-worker';

const LEVELS: Readonly<Record<string, 'debug' | 'warn' | 'error' | 'fatal'>> = {
  DEBUG: 'debug',
  WARNING: 'warn',
  ERROR: 'error',
  CRITICAL: 'fatal',
};

export function logOf(log: FastifyBaseLogger): (record: LogRecord) => void {
  const python = log.child({ module: 'forecasts' });
  return ({ level, message, pid, method }) =>
    python[LEVELS[level] ?? 'info']({ pythonPid: pid, method }, message.trimEnd());
}
