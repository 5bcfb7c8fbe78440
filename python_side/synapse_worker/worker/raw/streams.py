"""The standard streams of a raw script: bytes are the channel, text is a log.

`sys.stdout.buffer` is the channel, while `print` and `sys.stdout.write` go to descriptor 1,
which the parent captures. `sys.stdin` is the channel in both forms.
"""

from __future__ import annotations

import io
import sys

TYPE_CHECKING = False  # importing typing costs 9 ms of a cold start
if TYPE_CHECKING:
    from typing import TextIO

    from synapse_worker.worker.raw.channel import RawChannel

    Streams = tuple[TextIO, TextIO]

LOG_FD = 1


class LogText(io.TextIOWrapper):
    """`sys.stdout`: text to the log, `buffer` and `fileno()` to the channel."""

    def __init__(self, channel: RawChannel, *, write_through: bool) -> None:
        log = io.FileIO(LOG_FD, "wb", closefd=False)
        log.name = "<stdout>"
        super().__init__(
            io.BufferedWriter(log),
            encoding="utf-8",
            errors="backslashreplace",
            line_buffering=True,
            write_through=write_through,
        )
        setattr(self, "mode", "w")  # noqa: B010  # typeshed has it read-only; CPython sets it so
        self._channel_fd = channel.output_fd
        self._channel_writer = channel.open_writer(write_through=write_through)

    @property
    def buffer(self) -> io.BufferedWriter:
        """The channel, for bytes."""
        return self._channel_writer

    def detach(self) -> io.BufferedWriter:
        """Hand out the channel, for a script that wraps standard output anew."""
        self.flush()
        return self._channel_writer

    def fileno(self) -> int:
        """Return the channel's descriptor: whoever asks means to write protocol bytes."""
        self.flush()
        return self._channel_fd

    def flush(self) -> None:
        """Flush the text to the log and the bytes to the channel."""
        super().flush()
        self._channel_writer.flush()


def install(channel: RawChannel) -> Streams:
    """Put the channel behind `sys.stdin` and `sys.stdout`; return what stood there."""
    before = (sys.stdin, sys.stdout)
    # As the interpreter was told by -u or PYTHONUNBUFFERED.
    unbuffered = isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.write_through
    stdin = io.TextIOWrapper(channel.open_reader(), encoding="utf-8", errors="strict")
    setattr(stdin, "mode", "r")  # noqa: B010  # as above
    stdout = LogText(channel, write_through=unbuffered)
    channel.flush_before_read(stdout.flush)
    restore((stdin, stdout))
    return before


def restore(streams: Streams) -> None:
    """Make these the standard input and output."""
    stdin, stdout = streams
    sys.stdin = stdin
    sys.__stdin__ = stdin  # type: ignore[misc,assignment]
    sys.stdout = stdout
    sys.__stdout__ = stdout  # type: ignore[misc,assignment]
