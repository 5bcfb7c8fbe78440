"""The channel as file objects: what a raw script finds at `sys.stdin.buffer` and `sys.stdout.buffer`.

They are ordinary `io` buffers over `FileIO` subclasses, so `read`, `readinto`, `read1`, `peek`,
`raw` and `fileno` behave as on real standard streams. Two things are added: a read first sends
what the script has written (length and payload in separate writes need no flush), and bytes
are counted, so that the parent learns at exit which requests were never begun.
"""

from __future__ import annotations

import io

TYPE_CHECKING = False  # importing typing costs 9 ms of a cold start
if TYPE_CHECKING:
    from collections.abc import Callable

# Larger reads than 64 KiB make malloc go to mmap: twice as slow (measured).
BUFFER_BYTES = 64 * 1024


class RawChannel:
    """The pair of descriptors, the count of bytes received, and what a first read triggers."""

    def __init__(self, input_fd: int, output_fd: int, on_first_read: Callable[[], None]) -> None:
        self.input_fd = input_fd
        self.output_fd = output_fd
        self.was_read = False
        self.ended = False
        self.received_bytes = 0
        # Whether the script was told its number: what it reads by that, from a copy perhaps, is not always seen.
        self.is_known_by_number = False
        self._on_first_read = on_first_read
        self._readers: list[ChannelReader] = []
        self._flushed_before_read: list[Callable[[], None]] = []

    def open_reader(self) -> ChannelReader:
        """Return a new buffered reader of the channel."""
        reader = ChannelReader(ChannelInput(self), self)
        self._readers.append(reader)
        return reader

    def open_writer(self, *, write_through: bool = False) -> io.BufferedWriter:
        """Return a new buffered writer of the channel; with `write_through` it keeps nothing."""
        raw = io.FileIO(self.output_fd, "wb", closefd=False)
        writer: io.BufferedWriter = (WriteThrough if write_through else io.BufferedWriter)(
            raw, BUFFER_BYTES
        )
        self.flush_before_read(writer.flush)
        return writer

    def flush_before_read(self, flush: Callable[[], None]) -> None:
        """Have `flush` called before every read that may block."""
        self._flushed_before_read.append(flush)

    def announce(self) -> None:
        """Note that the script uses the channel: its first read, or asking for its number."""
        if not self.was_read:
            self.was_read = True
            self._on_first_read()

    def before_read(self) -> None:
        """Send what was written and announce, before a read of the descriptor."""
        for flush in self._flushed_before_read:
            _flush_unless_closed(flush)
        self.announce()

    def take(self, count: int) -> int:
        """Count bytes that a read brought; return how many the script gets.

        None, where the channel ended while it waited: they have been said not to be consumed.
        """
        if self.ended:
            return 0
        self.received_bytes += count
        return count

    def consumed_bytes(self) -> int | None:
        """Count the bytes the script has taken, and end the channel: no read follows.

        What sits unread in a buffer was received but never consumed. None where it may have taken some unseen.
        """
        self.ended = True
        if self.is_known_by_number:
            return None
        return self.received_bytes - sum(reader.unread_bytes() for reader in self._readers)


class ChannelInput(io.FileIO):
    """The unbuffered read end: `sys.stdin.buffer.raw`."""

    def __init__(self, channel: RawChannel) -> None:
        super().__init__(channel.input_fd, "rb", closefd=False)
        self._channel = channel

    def readinto(self, buffer: object) -> int | None:
        """Fill `buffer` with what one read of the descriptor gives."""
        if self._channel.ended:
            return 0
        self._channel.before_read()
        count = super().readinto(buffer)  # type: ignore[arg-type]
        return count and self._channel.take(count)

    def read(self, size: int | None = -1, /) -> bytes:
        """Read at most `size` bytes with one read of the descriptor, or all to the end."""
        if size is None or size < 0:
            return self.readall()
        return self._counted(super().read, size)

    def readall(self) -> bytes:
        """Read to end of file."""
        return self._counted(super().readall)

    def _counted(self, read: Callable[..., bytes | None], *size: int) -> bytes:
        if self._channel.ended:
            return b""
        self._channel.before_read()
        data = read(*size)
        if data and not self._channel.take(len(data)):
            return b""
        return data  # type: ignore[return-value]  # None: a non-blocking descriptor is empty

    def fileno(self) -> int:
        """Return the channel's descriptor: the script is about to read it by number."""
        self._channel.is_known_by_number = True
        self._channel.announce()
        return super().fileno()


class ChannelReader(io.BufferedReader):
    """The buffered read end: `sys.stdin.buffer`."""

    def __init__(self, raw: ChannelInput, channel: RawChannel) -> None:
        super().__init__(raw, BUFFER_BYTES)
        self._channel = channel

    def unread_bytes(self) -> int:
        """Count what is buffered; only after the channel has ended, as `peek` may read."""
        assert self._channel.ended
        try:
            return len(self.peek())
        except ValueError:  # closed or detached by the script: whatever was in it is taken
            return 0


class WriteThrough(io.BufferedWriter):
    """A writer that keeps nothing back, as under `python -u`, yet writes everything."""

    def write(self, data: object, /) -> int:
        """Write all of `data` to the descriptor."""
        count = super().write(data)  # type: ignore[arg-type]
        self.flush()
        return count


def _flush_unless_closed(flush: Callable[[], None]) -> None:
    try:
        flush()
    except ValueError:
        return  # the script closed this stream
