/**
 * The end of this process, where nothing can be waited for any more: workers that still live are
 * killed on its `exit` event. The kernel does so too when their life channel closes, but not on
 * every system, and not what left the worker's process group.
 */

const kills = new Set<() => void>();

/**
 * Has `kill` called when this process, or this thread of it, exits.
 *
 * @returns what takes it back; the process has no listener of ours while nothing is to be killed
 */
export function killAtExit(kill: () => void): () => void {
  if (kills.size === 0) process.on('exit', killAll);
  kills.add(kill);
  return () => {
    if (kills.delete(kill) && kills.size === 0) process.off('exit', killAll);
  };
}

function killAll(): void {
  for (const kill of kills) kill();
}
