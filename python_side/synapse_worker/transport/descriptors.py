"""Bytes over file descriptors: a pair of pipes, a socket, or standard streams."""

from __future__ import annotations

import os
import select

# Above 64 KiB malloc goes to mmap for every read: twice as slow (measured).
READ_BYTES = 64 * 1024


class DescriptorTransport:
    """Reads one descriptor and writes another (or the same); it owns both."""

    __slots__ = ("_input_closed", "_output_closed", "input_fd", "output_fd")

    def __init__(self, input_fd: int, output_fd: int) -> None:
        self.input_fd = input_fd
        self.output_fd = output_fd
        self._input_closed = False
        self._output_closed = False

    def stop_blocking(self) -> None:
        """Have reads raise `BlockingIOError` where they would wait, also one that waits now.

        Meant for signal handlers: the read that the signal interrupted is tried again after them.
        """
        os.set_blocking(self.input_fd, False)

    def read(self) -> bytes:
        """Wait for bytes; return at most 64 KiB, empty at end of file."""
        try:
            return os.read(self.input_fd, READ_BYTES)
        except ConnectionResetError:
            return b""

    def read_into(self, buffer: memoryview) -> int:
        """Wait for bytes and read them straight into `buffer`; 0 at end of file."""
        try:
            return os.readv(self.input_fd, [buffer])
        except ConnectionResetError:
            return 0

    def write(self, data: bytes) -> None:
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
