/**
 * The builder's side of the conversation: one JSON object a line on its standard output.
 * Lines that are no event (a tool that writes where it should not) become log events.
 */
import { type EnvironmentMarker, parseMarker } from './marker.js';

/** The stages of a build, in order. */
export type BuildPhase =
  | 'lock'
  | 'python'
  | 'create'
  | 'tools'
  | 'resolve'
  | 'download'
  | 'build'
  | 'install'
  | 'runtime'
  | 'codec'
  | 'verify';

/** Something a build reports while it runs. */
export type EnvironmentEvent =
  | {
      /** What goes on now; phases that overlap are announced more than once. */
      readonly event: 'phase';
      readonly phase: BuildPhase;
      readonly message: string;
      /** Name of the module's folder. */
      readonly module?: string;
    }
  | {
      /** How much of a phase is done. A figure never goes backwards and is never above its total. */
      readonly event: 'progress';
      readonly phase: BuildPhase;
      readonly done: number;
      readonly total: number;
      readonly unit: 'packages' | 'bytes';
      /** The package that is on its way, where the tool says it. */
      readonly package?: string;
    }
  | { readonly event: 'warning'; readonly message: string }
  | { readonly event: 'log'; readonly line: string };

/** Why a build failed, as the builder says it. */
export interface BuildFailure {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly lines: readonly string[];
  readonly hint: string | undefined;
  readonly logPath: string | undefined;
}

/** What one line of the builder means. */
export type BuilderLine =
  | EnvironmentEvent
  | { readonly event: 'ready'; readonly marker: EnvironmentMarker }
  | { readonly event: 'error'; readonly error: BuildFailure };

/** Understand one line; undefined for a kind of event this release does not know. */
export function parseLine(line: string): BuilderLine | undefined {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(line);
  } catch {
    return { event: 'log', line };
  }
  switch (value?.event) {
    case 'phase':
    case 'progress':
    case 'warning':
    case 'log':
      return value as unknown as EnvironmentEvent;
    case 'ready': {
      const marker = parseMarker(value.marker);
      return marker && { event: 'ready', marker };
    }
    case 'error':
      return { event: 'error', error: parseFailure(value.error) };
    default:
      return undefined;
  }
}

/** Narrow the builder's error map; what it leaves out, or says in another form, has a value all the same. */
function parseFailure(value: unknown): BuildFailure {
  const { code, message, retryable, details } = fieldsOf(value);
  const { lines, hint, log_path } = fieldsOf(details);
  return {
    code: text(code) ?? 'BUILD_FAILED',
    message: text(message) ?? 'The environment builder failed, and did not say why.',
    retryable: retryable === true,
    lines: Array.isArray(lines) ? lines.map(String) : [],
    hint: text(hint),
    logPath: text(log_path),
  };
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
