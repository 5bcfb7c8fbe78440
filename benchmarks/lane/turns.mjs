// The longest time for which the event loop did not come round, watched by a timer of a millisecond.

/** Starts to watch; the function it returns stops and says the longest gap in milliseconds. */
export function watchTurns() {
  let longest = 0;
  let last = performance.now();
  const look = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const timer = setInterval(look, 1);
  return () => {
    clearInterval(timer);
    look();
    return longest;
  };
}
