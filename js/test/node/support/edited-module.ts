/** Modules whose Python a test edits while their workers run. */
import { mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import { startClient } from '../../../src/node/connect/connect-pool.js';
import { spawnSpec } from '../../../src/node/connect/launch.js';
import type { ConnectOptions } from '../../../src/node/connect/options.js';
import type { PoolClient } from '../../../src/node/connect/pool-client.js';
import type { SpawnSpec } from '../../../src/node/supervisor/process/spawn-spec.js';
import { LAUNCH, PYTHON } from './launch.js';

const HEAD = `
import os
import time
from synapse_worker import Module, current_context

app = Module()
with open(os.path.join(os.path.dirname(__file__), "starts"), "a") as starts:
    starts.write(f"{os.getpid()}\\n")
`;

/** A module that says which edition it is, and how long it takes for it. */
export function edition(number: number, more = ''): string {
  return `${HEAD}${more}
@app.method
def edition():
    return ${number}

@app.method
def pid():
    return os.getpid()

@app.method
def die():
    os._exit(3)

@app.method
def once_there(path):
    current_context().progress("begun")
    while not os.path.exists(path):
        time.sleep(0.005)
    return ${number}

@app.method
def endless():
    while True:
        yield ${number}
`;
}

export class EditedModule {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'synapse-edited-')));
  #client: PoolClient | undefined;

  constructor(source = edition(1)) {
    this.save(source);
    opened.add(this);
  }

  /** Saves as editors do: a new file takes the place of the old one. */
  save(source: string, file = 'main.py'): void {
    writeFileSync(join(this.folder, `${file}~`), source);
    renameSync(join(this.folder, `${file}~`), join(this.folder, file));
  }

  get spawn(): SpawnSpec {
    const module = { directory: this.folder, entrypoint: 'main.py', dialect: 'native' as const };
    return spawnSpec(
      { python: PYTHON, script: LAUNCH },
      { name: 'edited', ...module },
      // Editions are written within the second that caches of bytecode tell apart.
      { env: { PYTHONDONTWRITEBYTECODE: '1' } },
    );
  }

  async start(options: ConnectOptions = {}): Promise<PoolClient> {
    const quiet = { onLog: () => undefined, ...options };
    this.#client = await startClient(this.spawn, { name: 'edited' }, quiet);
    return this.#client;
  }

  async remove(): Promise<void> {
    await this.#client?.terminate();
    rmSync(this.folder, { recursive: true });
  }
}

const opened = new Set<EditedModule>();

afterEach(async () => {
  const removed = [...opened].map((module) => module.remove());
  opened.clear();
  await Promise.all(removed);
});
