"""Bytes over file descriptors: a pair of pipes, a socket, or standard streams."""

from __future__ import annotations

import os
import select
from contextlib import suppress

TYPE_CHECKING = False  # importing typing costs 9 ms of a cold start
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

# What a pipe holds at first.
PIPE_BYTES = 64 * 1024
# So a segment of 64 KiB comes in one read, with the frame before it. From 128 KiB on malloc may go to mmap for every
# read, which makes one twice as slow (measured).
READ_BYTES = PIPE_BYTES + 4 * 1024
# What a pipe is made to hold once something large comes through it: each wake-up of the other end then moves more.
# The most that Linux gives without privileges, as it is set up by default.
WIDE_PIPE_BYTES = 1024 * 1024
# Parts one system call takes (IOV_MAX).
MAX_PARTS = 1024
# From here on a part is written by itself: it begins a page of the pipe then. The kernel copies a MiB in 60 µs where
# both ends of the copy are 16 bytes apart from one another or a multiple, and in 270 to 390 where they are not.
ALIGNED_FROM_BYTES = 256 * 1024


class Announcement(bytes):
    """A part that tells of bytes in shared memory: `put` puts them there, right before it is written."""

    put: Callable[[], None]


class DescriptorTransport:
    """Reads one descriptor and writes another (or the same); it owns both."""

    __slots__ = (
        "_input_closed",
        "_input_is_wide",
        "_output_closed",
        "_output_is_wide",
        "input_fd",
        "output_fd",
    )

    def __init__(self, input_fd: int, output_fd: int) -> None:
        self.input_fd = input_fd
        self.output_fd = output_fd
        self._input_closed = False
        self._output_closed = False
        self._input_is_wide = False
        self._output_is_wide = False

    def stop_blocking(self) -> None:
        """Have reads raise `BlockingIOError` where they would wait, also one that waits now.

        Meant for signal handlers: the read that the signal interrupted is tried again after them.
        """
        os.set_blocking(self.input_fd, False)

    def read(self) -> bytes:
        """Wait for bytes; return what is there, at most 68 KiB, empty at end of file."""
        try:
            data = os.read(self.input_fd, READ_BYTES)
        except ConnectionResetError:
            return b""
        if len(data) >= PIPE_BYTES:  # it held no more: who writes may have had to wait
            self._widen_input()
        return data

    def read_into(self, buffer: memoryview) -> int:
        """Wait for bytes and read them straight into `buffer`; 0 at end of file."""
        self._widen_input()
        try:
            return os.readv(self.input_fd, [buffer])
        except ConnectionResetError:
            return 0

    def write(self, data: bytes | memoryview) -> None:
        """Write all of `data`.

        Raises:
            OSError: the other end is gone.
        """
        try:
            written = os.write(self.output_fd, data)
        except BlockingIOError:
            written = 0
        if written < len(data):  # a signal came in between, or the descriptor is a socket
            self._write_rest(memoryview(data)[written:])

    def write_parts(self, parts: Iterable[bytes | memoryview]) -> None:
        """Write all of `parts`, one after another, without joining them.

        Raises:
            OSError: the other end is gone.
        """
        if not self._output_is_wide:
            self._output_is_wide = True
            _widen(self.output_fd)
        together: list[bytes | memoryview] = []
        for part in parts:
            if type(part) is Announcement:
                self._write_together(together)
                together = []
                self._put(part)
                self.write(part)
            elif len(part) >= ALIGNED_FROM_BYTES:
                self._write_together(together)
                together = []
                self.write(part)
            else:
                together.append(part)
        self._write_together(together)

    def _put(self, announcement: Announcement) -> None:
        try:
            announcement.put()
        except OSError:
            self.close_output()  # half a frame has been written: the other end must not wait for the rest
            raise

    def _widen_input(self) -> None:
        if not self._input_is_wide:
            self._input_is_wide = True
            _widen(self.input_fd)

    def _write_together(self, parts: Sequence[bytes | memoryview]) -> None:
        for first in range(0, len(parts), MAX_PARTS):
            self._write_at_once(parts[first : first + MAX_PARTS])

    def _write_at_once(self, parts: Sequence[bytes | memoryview]) -> None:
        try:
            written = os.writev(self.output_fd, parts)
        except BlockingIOError:
            written = 0
        for part in parts:
            if written < len(part):
                self._write_rest(memoryview(part)[written:])
            written = max(0, written - len(part))

    def _write_rest(self, rest: memoryview) -> None:
        while rest:
            rest = rest[self._write_some(rest) :]

    def _write_some(self, data: memoryview) -> int:
        try:
            return os.write(self.output_fd, data)
        except BlockingIOError:  # `stop_blocking`, where one socket goes both ways
            select.select([], [self.output_fd], [])
            return 0

    def close_output(self) -> None:
        """End what the other end reads; our reading goes on."""
        if self._output_closed:
            return
        self._output_closed = True
        if self.input_fd == self.output_fd:
            import socket

            with socket.socket(fileno=os.dup(self.output_fd)) as end:
                end.shutdown(socket.SHUT_WR)
        else:
            os.close(self.output_fd)

    def close(self) -> None:
        """Close both descriptors."""
        self.close_output()
        if not self._input_closed:
            self._input_closed = True
            os.close(self.input_fd)


def _widen(fd: int) -> None:
    """Have a pipe hold more, where the system allows it; nothing happens to anything else."""
    import fcntl

    set_size = getattr(fcntl, "F_SETPIPE_SZ", None)
    if set_size is not None:
        with suppress(OSError):
            fcntl.fcntl(fd, set_size, WIDE_PIPE_BYTES)
