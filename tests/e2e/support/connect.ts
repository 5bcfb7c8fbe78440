// connect() for drills that do not look at what the workers print, which would fill the report of the run: it goes
// nowhere. That it goes to stderr by default is drilled in foreign/manners.test.ts, in a process of its own.
import { type Client, type ConnectOptions, connect as connectAloud } from 'synapse-worker';

export function connect(directory: string, options: ConnectOptions = {}): Promise<Client> {
  return connectAloud(directory, { onLog: () => undefined, ...options });
}
