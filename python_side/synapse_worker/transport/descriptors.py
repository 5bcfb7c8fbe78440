"""Bytes over file descriptors: a pair of pipes, a socket, or standard streams."""

from __future__ import annotations

import os

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
        written = os.write(self.output_fd, data)
        if written < len(data):  # a signal came in between, or the descriptor is a socket
            rest = memoryview(data)[written:]
            while rest:
                rest = rest[os.write(self.output_fd, rest) :]

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
