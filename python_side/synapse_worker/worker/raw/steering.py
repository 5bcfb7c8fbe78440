"""Steer what bypasses `sys.stdin` and `sys.stdout` to the channel: `open(0, "rb")`, `os.read(0, n)`.

In a worker, descriptor 0 is the null device and descriptor 1 a log, so a script that names
them by number would find nothing. Writes to descriptor 1 stay log output, as C code and
`os.write(1, …)` mean it, unless the script reads its requests with `os.read(0, …)`: then
`os.write(1, …)` is how it replies.
"""

from __future__ import annotations

import builtins
import io
import os

TYPE_CHECKING = False  # importing typing costs 9 ms of a cold start
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from synapse_worker.worker.raw.channel import RawChannel

STDIN_FD = 0
STDOUT_FD = 1


def install(channel: RawChannel, warn: Callable[[str], None]) -> Steering:
    """Replace `open`, `os.read`, `os.readv` and `os.write` by versions that know the channel."""
    steering = Steering(channel, warn)
    builtins.open = io.open = steering.open
    os.read = steering.read
    os.readv = steering.readv
    os.write = steering.write
    return steering


class Steering:
    """The replacements, and the functions they replace."""

    def __init__(self, channel: RawChannel, warn: Callable[[str], None]) -> None:
        self._channel = channel
        self._warn = warn
        self._warned: set[str] = set()
        self._replies_by_number = False
        self._open = io.open
        self._read = os.read
        self._readv = os.readv
        self._write = os.write

    def remove(self) -> None:
        """Put the original functions back."""
        builtins.open = io.open = self._open
        os.read = self._read
        os.readv = self._readv
        os.write = self._write

    def open(self, file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        """Open a file; see `io.open`."""
        if type(file) is int:
            if file in (STDIN_FD, self._channel.input_fd):
                return self._open_input(file, mode, *args, **kwargs)
            if "b" in mode and (file == STDOUT_FD or file == self._channel.output_fd):
                self._note(f"open({file}, {mode!r})", file)
                return self._channel.open_writer(write_through=_buffering(args, kwargs) == 0)
        return self._open(file, mode, *args, **kwargs)

    def _open_input(self, file: int, mode: str, *args: Any, **kwargs: Any) -> Any:
        self._note(f"open({file}, {mode!r})", file)
        reader = self._channel.open_reader()
        if "b" not in mode:
            texts = {k: kwargs[k] for k in ("encoding", "errors", "newline") if k in kwargs}
            return io.TextIOWrapper(reader, **{"encoding": "utf-8", **texts})
        return reader.raw if _buffering(args, kwargs) == 0 else reader

    def read(self, fd: int, length: int, /) -> bytes:
        """Read from a descriptor; see `os.read`."""
        if fd == STDIN_FD or fd == self._channel.input_fd:
            self._use_by_number(fd, "os.read")
            data = self._read(self._channel.input_fd, length)
            return data if self._channel.take(len(data)) else b""
        return self._read(fd, length)

    def readv(self, fd: int, buffers: Any, /) -> int:
        """Read from a descriptor into buffers; see `os.readv`."""
        if fd == STDIN_FD or fd == self._channel.input_fd:
            self._use_by_number(fd, "os.readv")
            count = self._readv(self._channel.input_fd, buffers)
            return self._channel.take(count)
        return self._readv(fd, buffers)

    def write(self, fd: int, data: Any, /) -> int:
        """Write to a descriptor; see `os.write`."""
        if fd == STDOUT_FD and self._replies_by_number:
            return self._write(self._channel.output_fd, data)
        return self._write(fd, data)

    def _use_by_number(self, fd: int, call: str) -> None:
        self._channel.before_read()
        if fd == STDIN_FD:
            self._replies_by_number = True
            self._note(f"{call}(0, …)", fd)

    def _note(self, what: str, fd: int) -> None:
        if fd in (STDIN_FD, STDOUT_FD) and what not in self._warned:
            self._warned.add(what)
            self._warn(
                f"{what} was steered to the channel. sys.stdin.buffer and sys.stdout.buffer need no steering."
            )


def _buffering(args: tuple[Any, ...], kwargs: dict[str, Any]) -> int:
    return int(args[0] if args else kwargs.get("buffering", -1))
