/**
 * What a worker is started with. Free of Node's own types, because the public declarations lead here
 * and have to compile where those are not installed.
 */

/** What to run; how it came to be is not the supervisor's business. */
export interface SpawnSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** How bytes may travel: `auto` takes pipes where they can be had. */
export type ChannelChoice = 'auto' | 'socket' | 'stdio';
