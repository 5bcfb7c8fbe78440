/** Where workers' output goes when nobody asked for it: to stderr, under the module's name. */
import type { LogRecord } from '../supervisor/connection/log-record.js';

export function logToStderr(name: string): (record: LogRecord) => void {
  return ({ source, level, logger, message }) => {
    const text = message.endsWith('\n') ? message : `${message}\n`;
    const origin = source === 'logging' ? `${level} ${logger ?? 'root'}: ` : '';
    process.stderr.write(`🐍 ${name}: ${origin}${text}`);
  };
}
