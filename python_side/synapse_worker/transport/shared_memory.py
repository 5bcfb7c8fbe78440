"""Memory that both ends of a channel have open: large segments of one direction pass through it.

Bytes are copied once into it and once out of it, as with a pipe, but its pages stay, and nobody waits until
the other has made room. Implements "Segments in shared memory" of `docs/protocol.md`:

    offset  size  field
    0       1     1 while it holds segments that the reader has not taken whole; else 0, or nothing at all
    4096    …     segments

Nothing is mapped: each end would have to fault the pages of a mapping in.
"""

from __future__ import annotations

import os
from contextlib import suppress
from time import perf_counter

from synapse_worker.protocol.errors import ProtocolError
from synapse_worker.protocol.shared_segments import FIRST_SHARED_BYTE

# In steps: on some systems a signal has a step begin anew, and one that comes often must not do so for ever. Small ones,
# as each page is filled with zeros.
RESERVED_AT_ONCE = 1024 * 1024

# Stays when the memory is given back: what is not larger finds pages that are there also when it comes after a pause.
KEPT_BYTES = FIRST_SHARED_BYTE + 4 * 1024 * 1024

# What took longer has waited for the interpreter: another thread holds it for 5 ms at a time, and takes it back at each
# system call.
SLOW_S = 0.004

FREE = b"\0"
HELD = b"\1"


class SharedMemory:
    """The memory of one direction, at either end of it. Who writes sees to it that one thread does so at a time."""

    __slots__ = ("_fd", "_reserved", "was_slow")

    def __init__(self, fd: int) -> None:
        self._fd = fd
        # Up to where the system has given memory to this end, which writes.
        self._reserved = 0
        self.was_slow = False

    def claim(self, end: int) -> bool:
        """Take the memory for what lies before the offset `end`; False where it is in use, or may not be as large."""
        try:
            if not self._is_free():
                return False
            while self._reserved < end:
                os.posix_fallocate(self._fd, self._reserved, RESERVED_AT_ONCE)
                self._reserved += RESERVED_AT_ONCE
            os.pwrite(self._fd, FREE, end - 1)  # a limit may be lower than it was
            os.pwrite(self._fd, HELD, 0)
        except OSError:  # a limit on the size of files, or no memory left
            return False
        return True

    def put(self, data: memoryview, at: int) -> None:
        """Write all of `data`."""
        began = perf_counter()
        while data:
            written = os.pwrite(self._fd, data, at)
            data, at = data[written:], at + written
        self.was_slow = perf_counter() - began > SLOW_S

    def take(self, view: memoryview, at: int) -> None:
        """Fill `view` with what lies from the offset `at` on.

        Raises:
            ProtocolError: it cannot be read, or not so much is there.
        """
        began = perf_counter()
        while view:
            try:
                count = os.preadv(self._fd, [view], at)
            except OSError as error:
                raise ProtocolError(f"Shared memory cannot be read: {error}") from error
            if not count:
                raise ProtocolError(
                    f"Shared memory ends at byte {at:,}; more is said to lie there."
                )
            view, at = view[count:], at + count
        self.was_slow = perf_counter() - began > SLOW_S

    def release(self) -> None:
        """All has been taken: the other end may write again."""
        with suppress(
            OSError
        ):  # it was taken: if nobody is told, the next segments follow their frame
            os.pwrite(self._fd, FREE, 0)

    def trim(self) -> None:
        """Give what is too much to keep back to the system, if the memory is free."""
        with suppress(OSError):
            if self._reserved > KEPT_BYTES and self._is_free():
                self._reserved = KEPT_BYTES
                os.ftruncate(self._fd, KEPT_BYTES)

    def _is_free(self) -> bool:
        return os.pread(self._fd, 1, 0) != HELD
