"""What a transport is: blocking reads and writes of bytes, one reader and one writer at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable


class Transport(Protocol):
    """Moves bytes between two ends."""

    def read(self) -> bytes:
        """Wait for bytes and return what is there, at most 68 KiB; empty at end of file."""

    def read_into(self, buffer: memoryview) -> int:
        """Wait for bytes and put as many as fit and are there into `buffer`; 0 at end of file."""

    def write(self, data: bytes | memoryview) -> None:
        """Write all of `data`.

        Raises:
            OSError: the other end is gone.
        """

    def write_parts(self, parts: Iterable[bytes | memoryview]) -> None:
        """Write all of `parts`, one after another; of large ones none is copied before.

        Raises:
            OSError: the other end is gone.
        """

    def close_output(self) -> None:
        """End what the other end reads, and go on reading. Idempotent."""

    def close(self) -> None:
        """Close this end, both ways; the other end reads end of file. Idempotent."""
