// FastAPI behind uvicorn (uvloop, httptools) on a Unix socket, asked by undici over connections that stay.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { script } from '../paths.mjs';
import { asLines, batchesOf } from './parts/batches.mjs';
import { operations } from './parts/operations.mjs';

export const title = 'FastAPI and undici';
export const about =
  'HTTP over a Unix socket: uvicorn with uvloop and httptools, an undici pool of connections that stay';
export const packages = ['undici'];
export const load = () => import('undici');
export const pythonPackages = ['fastapi', 'uvicorn', 'uvloop', 'httptools'];

const CONNECTIONS = 64;
const JSON_HEADERS = { 'content-type': 'application/json' };
const POLL_MS = 5;

const ITEMS_A_CHUNK = 1024;

/** Items as lines of JSON, many of them at a time. */
function* linesOf(items) {
  for (const batch of batchesOf(items, ITEMS_A_CHUNK)) yield Buffer.from(asLines(batch));
}

export async function open({ python, workers = 1 }) {
  const { Pool } = await load();
  const folder = mkdtempSync(join(tmpdir(), 'synapse-benchmark-'));
  const socketPath = join(folder, 'http.sock');
  const server = spawn(python, [script('http_service.py'), socketPath, String(workers)], {
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  });
  const pool = new Pool('http://localhost', { socketPath, connections: CONNECTIONS });

  const request = (path, body, headers = JSON_HEADERS) =>
    pool.request({ path, method: 'POST', body, headers });
  const ask = async (operation, value) =>
    (await request(`/${operation}`, JSON.stringify(value))).body.json();
  const bytesOf = async ({ body }) => new Uint8Array(await body.arrayBuffer());

  async function untilThere() {
    for (;;) {
      if (server.exitCode !== null) throw new Error('uvicorn ended at its start');
      try {
        return await ask('spin', 0);
      } catch {
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    }
  }
  await untilThere();

  return {
    ...operations(ask),
    sendBytes: async (bytes) => (await request('/send_bytes', bytes, {})).body.json(),
    fetchBytes: async (size) => bytesOf(await request('/fetch_bytes', String(size))),
    echoBytes: async (bytes) => bytesOf(await request('/echo_bytes', bytes, {})),
    consume: async (items) => (await request('/consume', linesOf(items), {})).body.json(),
    produce: async function* (count) {
      const { body } = await request('/produce', String(count));
      let rest = '';
      for await (const chunk of body) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop();
        for (const line of lines) yield JSON.parse(line);
      }
    },
    close: async () => {
      await pool.destroy();
      process.kill(-server.pid, 'SIGTERM');
      if (server.exitCode === null) await new Promise((resolve) => server.once('exit', resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
