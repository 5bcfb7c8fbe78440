"""Two ends of a transport inside one process: for tests, and for peers that share a process."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

READ_BYTES = 64 * 1024


class _Direction:
    """Bytes on their way from one end to the other."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.pending = bytearray()
        self.closed = False

    def take(self, most: int) -> bytes:
        with self.changed:
            self.changed.wait_for(lambda: self.pending or self.closed)
            taken = bytes(self.pending[:most])
            del self.pending[:most]
            return taken

    def put(self, data: bytes | memoryview) -> None:
        with self.changed:
            if self.closed:
                raise BrokenPipeError("the other end of the memory transport is closed")
            self.pending += data
            self.changed.notify_all()

    def close(self) -> None:
        with self.changed:
            self.closed = True
            self.changed.notify_all()


class MemoryTransport:
    """One end; `memory_pair` makes two."""

    def __init__(self, incoming: _Direction, outgoing: _Direction) -> None:
        self._incoming = incoming
        self._outgoing = outgoing

    @property
    def readable_bytes(self) -> int:
        """How many bytes `read` would find without waiting."""
        return len(self._incoming.pending)

    @property
    def ended(self) -> bool:
        """Whether the other end has ended its output; bytes may still wait."""
        return self._incoming.closed

    def read(self) -> bytes:
        """Wait for bytes; return at most 64 KiB, empty at end of file."""
        return self._incoming.take(READ_BYTES)

    def read_into(self, buffer: memoryview) -> int:
        """Wait for bytes and put them into `buffer`; 0 at end of file."""
        data = self._incoming.take(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def write(self, data: bytes | memoryview) -> None:
        """Write all of `data`.

        Raises:
            OSError: the other end is gone.
        """
        self._outgoing.put(data)

    def write_parts(self, parts: Iterable[bytes | memoryview]) -> None:
        """Write all of `parts`, one after another."""
        for part in parts:
            self.write(part)

    def close_output(self) -> None:
        """End what the other end reads."""
        self._outgoing.close()

    def close(self) -> None:
        """Close both directions."""
        self._outgoing.close()
        self._incoming.close()


def memory_pair() -> tuple[MemoryTransport, MemoryTransport]:
    """Return two connected ends."""
    there, back = _Direction(), _Direction()
    return MemoryTransport(there, back), MemoryTransport(back, there)
