// What a run was measured on and with: a figure without these means nothing.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, loadavg, release } from 'node:os';
import { nativeMarker } from './paths.mjs';

const PEERS = ['@msgpack/msgpack', 'python-shell', 'pythonia'];
const PYTHON_VERSIONS =
  'import platform, msgpack; print(platform.python_version(), "with msgpack", ".".join(map(str, msgpack.version)))';

const require = createRequire(import.meta.url);
const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** Whether processes can be pinned to a core here. */
export function canPin() {
  try {
    execFileSync('taskset', ['-c', '0', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function versions(python) {
  const peers = PEERS.map(
    (name) => `${name} ${readJson(require.resolve(`${name}/package.json`)).version}`,
  );
  const interpreter = execFileSync(python, ['-c', PYTHON_VERSIONS], { encoding: 'utf8' }).trim();
  const parts = [`Node ${process.versions.node}`, `Python ${interpreter}`, ...peers];
  if (existsSync(nativeMarker())) {
    const { runtime, codec } = readJson(nativeMarker());
    parts.push(`synapse-worker ${runtime.version} with ${codec.name} ${codec.version}`);
  }
  return parts.join(', ');
}

/** One sentence a line, for the end of the report. */
export function describe({ python, pinned, payloadBytes, plans, seconds }) {
  const { sequential, burst } = plans;
  const place = pinned ? 'both processes on one core' : 'not pinned, for want of taskset';
  return [
    `${versions(python)}; one base interpreter for all.`,
    `Linux ${release()}, ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores, load ${loadavg()[0].toFixed(1)} at the end.`,
    `Payload: a record of ${payloadBytes} bytes as MessagePack, echoed; each contender's reply was compared with the request.`,
    `One at a time: ${sequential.rounds} rounds of ${sequential.calls} calls, ${place}. In flight: ${burst.rounds} rounds of ${burst.bursts} bursts of ${burst.inFlight}, all cores.`,
    'Figures are medians over rounds, the spread their quartiles; all contenders stay open and take turns within each round.',
    `Took ${seconds.toFixed(0)} s. Trust the ratios: absolute figures move with the machine and its load.`,
  ];
}
