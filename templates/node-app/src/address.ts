// Where to listen. Asked for before Python is built and started: a port that cannot be had is known at once.
import { once } from 'node:events';
import { createServer } from 'node:net';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** @throws {Error} one sentence: PORT is no port, or cannot be listened on */
export async function addressOf(env: NodeJS.ProcessEnv): Promise<Address> {
  const { HOST: host = '127.0.0.1', PORT = '3000' } = env;
  const port = Number(PORT);
  if (!/^\d+$/.test(PORT) || port > 65_535) {
    throw new Error(`PORT must be a number from 0 to 65535, not "${PORT}".`);
  }
  const probe = createServer().listen({ host, port });
  try {
    await once(probe, 'listening');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'EADDRINUSE' ? 'something else listens there' : message;
    throw new Error(`Cannot listen on ${host}, port ${PORT}: ${reason}. HOST and PORT say where.`);
  }
  probe.close();
  await once(probe, 'close');
  return { host, port };
}
