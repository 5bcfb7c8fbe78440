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

FREE = b"\0"
HELD = b"\1"


class SharedMemory:
    """The memory of one direction, at either end of it. Who writes sees to it that one thread does so at a time."""

    __slots__ = ("_fd",)

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def claim(self, end: int) -> bool:
        """Take the memory for what lies before the offset `end`; False where it is in use, or may not be as large."""
        try:
            if not self._is_free():
                return False
            os.posix_fallocate(self._fd, 0, end)
            os.pwrite(self._fd, HELD, 0)
        except OSError:  # a limit on the size of files, or no memory left
            return False
        return True

    def put(self, data: memoryview, at: int) -> None:
        """Write all of `data`."""
        while data:
            written = os.pwrite(self._fd, data, at)
            data, at = data[written:], at + written

    def take(self, view: memoryview, at: int) -> bool:
        """Fill `view`; False if not so much is there."""
        while view:
            count = os.preadv(self._fd, [view], at)
            if not count:
                return False
            view, at = view[count:], at + count
        return True

    def release(self) -> None:
        """All has been taken: the other end may write again."""
        os.pwrite(self._fd, FREE, 0)

    def trim(self) -> None:
        """Give the memory back to the system, if it is free."""
        if self._is_free():
            os.ftruncate(self._fd, 0)

    def _is_free(self) -> bool:
        return os.pread(self._fd, 1, 0) != HELD
