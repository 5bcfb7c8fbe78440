/** Sources of processes from a zygote, for modules that a test writes; what it starts is ended after it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import { type LaunchOptions, spawnSpec } from '../../../../../src/node/connect/launch.js';
import type { LogRecord } from '../../../../../src/node/supervisor/connection/log-record.js';
import type { ProcessHandle } from '../../../../../src/node/supervisor/process/process-handle.js';
import {
  ZygoteSource,
  type ZygoteSourceOptions,
} from '../../../../../src/node/supervisor/process/zygote/zygote-source.js';
import { LAUNCH, PYTHON } from '../../../support/python.js';
import { linesOf } from '../../../support/waiting.js';

export const MODULE = 'from synapse_worker import Module\napp = Module()\n';

export interface Fixture {
  readonly source: ZygoteSource;
  readonly directory: string;
  readonly logs: LogRecord[];
  /** Starts a process; resolves when it serves. */
  serving(): Promise<ProcessHandle & { readonly pid: number }>;
  /** What processes have printed. */
  readonly lines: string[];
  /** What a file below the module says, line by line. */
  marks(name: string): string[];
}

/** Keeps what it has started: a test that fails halfway leaves none of it behind. */
class KeepingSource extends ZygoteSource {
  readonly started: ProcessHandle[] = [];

  override start(...args: Parameters<ZygoteSource['start']>): ProcessHandle {
    const handle = super.start(...args);
    this.started.push(handle);
    return handle;
  }
}

const fixtures = new Set<Fixture & { readonly source: KeepingSource }>();

/** A source for a module whose file ends with `text`. */
export function sourceOf(
  text: string,
  { env, limits, typed, ...options }: Partial<ZygoteSourceOptions> & LaunchOptions = {},
): Fixture {
  const directory = mkdtempSync(join(tmpdir(), 'synapse-zygote-'));
  writeFileSync(join(directory, 'main.py'), `${MODULE}${text}`);
  const logs: LogRecord[] = [];
  const lines: string[] = [];
  const module = { name: 'warm', directory, entrypoint: 'main.py', dialect: 'native' } as const;
  const spec = spawnSpec({ python: PYTHON, script: LAUNCH }, module, { env, limits, typed });
  const source = new KeepingSource(spec, {
    name: 'warm',
    onLog: (record) => logs.push(record),
    ...options,
  });
  const fixture = {
    ...{ source, directory, logs, lines },
    marks: (name: string) => linesOf(join(directory, name)),
    async serving() {
      const handle = source.start((_, line) => lines.push(line));
      const ended = handle.exited.then((exit) => {
        throw new Error(`it ended: ${JSON.stringify(exit)}`);
      });
      await Promise.race([greeted(handle), ended]);
      return handle as ProcessHandle & { readonly pid: number };
    },
  };
  fixtures.add(fixture);
  return fixture;
}

/** Resolves when the process has said that it serves. */
export async function greeted(handle: ProcessHandle): Promise<void> {
  const { pipes } = await handle.channels;
  if (pipes === undefined) throw new Error('it has no pipes');
  await new Promise<void>((resolve) => {
    pipes.transport.open({ onBytes: () => resolve(), onClose: () => {}, onDrain: () => {} });
  });
}

afterEach(async () => {
  for (const { source, directory } of fixtures) {
    const closed = source.close();
    await Promise.all(source.started.map((handle) => handle.end(0, 0)));
    await closed;
    rmSync(directory, { recursive: true });
  }
  fixtures.clear();
});

export function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}
