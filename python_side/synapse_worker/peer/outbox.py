"""Frames on their way out, in order, from any thread; small ones leave together.

Coalescing replies is the largest single gain in rate (+43 %), but an uncapped batch makes the
two ends take turns instead of overlapping (half the rate): hence the caps.
"""

from __future__ import annotations

from _thread import RLock
from time import perf_counter_ns

from synapse_worker.protocol.limits import MIN_SHARED_BYTES
from synapse_worker.protocol.segments import SegmentedFrame

TYPE_CHECKING = False  # importing typing costs 9 ms of a cold start
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Final

    from synapse_worker.peer.shared_sending import SharedSending

MAX_BATCH_FRAMES: Final = 16
MAX_BATCH_AGE_NS: Final = 200_000
# Copying frames together pays below this size only; more is written in parts, through a pipe that is made to hold it.
MAX_BATCH_BYTES: Final = 64 * 1024


class Outbox:
    """Collects frames and writes them to a transport."""

    def __init__(
        self,
        write: Callable[[bytes | memoryview], None],
        write_parts: Callable[[Iterable[bytes | memoryview]], None] | None = None,
    ) -> None:
        self._write = write
        # Of what is too large to be joined; without it the parts are written one by one.
        self._write_parts = write_parts
        # What waits to be flushed: always this one list. Who adds to it needs no lock (it is one step, at its
        # end), who takes from its front holds it.
        self.frames: list[bytes | memoryview] = []
        # How much that is, but for what two threads have added in the same moment: it decides when to write,
        # and never what.
        self._bytes = 0
        self._first_at_ns = 0
        # Re-entrant: a destructor that logs may run while this thread is writing.
        self._lock = RLock()
        self._writing = False
        self.lost = False
        self._shared_fd: int | None = None
        self._sharing: SharedSending | None = None

    def share(self, fd: int) -> None:
        """Send large segments through this memory from now on: the other end has opened it."""
        self._shared_fd = fd

    def trim(self) -> None:
        """Give the memory that is shared back to the system, if nothing is in it."""
        with self._lock:
            if self._sharing is not None:
                self._sharing.trim()

    def age_ns(self) -> int:
        """How long the oldest waiting frame has waited."""
        return perf_counter_ns() - self._first_at_ns if self.frames else 0

    def post(self, frame: bytes, now_ns: int = 0) -> None:
        """Add a frame; it leaves with the next flush, or now if a cap is reached.

        `now_ns` is what `perf_counter_ns` said a moment ago, if somebody has just asked it.
        """
        if type(frame) is not bytes:
            self._send_segmented(frame)
            return
        frames = self.frames
        now_ns = now_ns or perf_counter_ns()
        if not frames:
            self._first_at_ns = now_ns
        frames.append(frame)
        self._bytes += len(frame)
        if (
            len(frames) >= MAX_BATCH_FRAMES
            or self._bytes >= MAX_BATCH_BYTES
            or now_ns - self._first_at_ns >= MAX_BATCH_AGE_NS
        ):
            self.flush()

    def send(self, frame: bytes) -> None:
        """Add a frame and flush."""
        if type(frame) is not bytes:
            self._send_segmented(frame)
            return
        self.frames.append(frame)
        self._bytes += len(frame)
        self.flush()

    def _send_segmented(self, frame: bytes) -> None:
        """Add a frame and what follows it, and flush: its segments are the user's memory, and only lent."""
        assert isinstance(frame, SegmentedFrame)  # of bytes there is no other kind
        size = sum(map(len, frame.segments))
        if size < MIN_SHARED_BYTES or not self._send_shared(frame):
            self.frames.extend((frame, *frame.segments))
            self._bytes += len(frame) + size
            self.flush()

    def _send_shared(self, frame: SegmentedFrame) -> bool:
        """Write a frame here and now whose segments go through shared memory; False where they do not."""
        if self._shared_fd is None or self._write_parts is None:
            return False
        with self._lock:
            self.flush()  # what waits comes before
            if self._writing or self.lost:
                return False
            self._writing = True
            try:
                parts = self._shared_parts(frame, self._shared_fd)
                if parts is None:
                    return False
                self._write_parts(parts)
            except OSError:
                self.lost = True
            finally:
                self._writing = False
            self.flush()  # what was added meanwhile
        return True

    def _shared_parts(self, frame: SegmentedFrame, fd: int) -> Iterable[bytes] | None:
        try:
            if self._sharing is None:
                from synapse_worker.peer.shared_sending import SharedSending  # few workers need it

                self._sharing = SharedSending(fd)
            return self._sharing.parts_of(frame)
        except (ImportError, OSError):  # as where no file can be opened any more
            return None

    def flush(self) -> None:
        """Write what waits. A transport that is gone is noted in `lost`, once and for all."""
        with self._lock:
            if self._writing:
                return  # re-entered: the writer below takes what was added
            self._writing = True
            try:
                while self.frames:
                    frames = self.frames[:]
                    del self.frames[: len(frames)]
                    small, self._bytes = self._bytes < MAX_BATCH_BYTES, 0
                    if self.lost:
                        continue
                    if small:
                        self._write(b"".join(frames))
                    elif self._write_parts is not None:
                        self._write_parts(frames)
                    else:
                        for part in frames:
                            self._write(part)
            except OSError:
                self.lost = True
                self.frames.clear()
            finally:
                self._writing = False
