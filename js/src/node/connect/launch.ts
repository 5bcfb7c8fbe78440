/** The composition root: an environment gives a spawn command, the supervisor takes one. */
import * as limits from '../../core/protocol/limits.js';
import { type EnvironmentEvent, ensureEnvironment, type LaunchSpec } from '../env/index.js';
import type { ResourceLimits } from '../supervisor/pool-policy.js';
import type { ChannelChoice, SpawnSpec } from '../supervisor/process/spawn-spec.js';
import type { ModuleDescription } from './module.js';

export interface LaunchOptions {
  readonly backend?: 'auto' | 'uv' | 'virtualenv' | undefined;
  readonly channel?: ChannelChoice | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly limits?: ResourceLimits | undefined;
  /** Whether a generated client asks every worker what its module is. */
  readonly typed?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onEnvironmentEvent?: ((event: EnvironmentEvent) => void) | undefined;
  /** Whether a build shows itself on a terminal when nobody listens to its events. */
  readonly progress?: 'auto' | 'silent' | undefined;
}

/** Makes the module's environment ready and returns the command that starts one of its workers. */
export async function prepareLaunch(
  module: ModuleDescription,
  options: LaunchOptions,
): Promise<SpawnSpec> {
  const { backend, signal, onEnvironmentEvent } = options;
  const launch = await ensureEnvironment(module.directory, {
    python: module.python,
    backend,
    dialect: module.dialect,
    share: module.share,
    signal,
    onEvent: onEnvironmentEvent,
    progress: onEnvironmentEvent === undefined ? (options.progress ?? 'auto') : 'silent',
  });
  return spawnSpec(launch, module, options);
}

/** The command line of a worker: interpreter, launcher, and its configuration as JSON. */
export function spawnSpec(
  launch: Pick<LaunchSpec, 'python' | 'script'>,
  module: Pick<ModuleDescription, 'directory' | 'entrypoint' | 'dialect' | 'name'>,
  options: Pick<LaunchOptions, 'channel' | 'env' | 'limits' | 'typed'>,
): SpawnSpec {
  const config = {
    directory: module.directory,
    entrypoint: module.entrypoint,
    dialect: module.dialect,
    channel: options.channel ?? 'auto',
    limits: { max_frame_bytes: limits.maxFrameBytes },
    name: module.name,
    // What is undefined does not stand in the JSON.
    typed: options.typed,
    ...kernelLimits(options.limits ?? {}),
  };
  return {
    command: launch.python,
    args: [launch.script, JSON.stringify(config)],
    // Read now: where the host is when it connects is where every worker of it starts.
    cwd: hostFolder() ?? module.directory,
    env: { ...process.env, ...options.env },
  };
}

/** The limits that a worker sets for itself; the other, of its resident memory, is watched from outside. */
function kernelLimits(limits: ResourceLimits): { resource_limits?: object } {
  const { memoryBytes: _, ...ofKernel } = limits;
  if (Object.values(ofKernel).every((limit) => limit === undefined)) return {};
  return {
    resource_limits: {
      address_space: ofKernel.addressSpaceBytes,
      cpu_seconds: ofKernel.cpuSeconds,
      open_files: ofKernel.openFiles,
      processes: ofKernel.processes,
      file_size: ofKernel.fileSizeBytes,
    },
  };
}

/** Where the host is; undefined when that folder has been deleted under it. */
function hostFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}
