/** Node's front on the Python environment builder: verify, find, build, report. */
export { type EnvironmentOptions, ensureEnvironment, type LaunchSpec } from './ensure.js';
export { EnvironmentError, type EnvironmentFailure } from './errors.js';
export type { BuildPhase, EnvironmentEvent } from './events.js';
export type { EnvironmentMarker, MarkerInput } from './marker.js';
