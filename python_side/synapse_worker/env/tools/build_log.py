"""The log of one build: every line of every tool, in a file whose size has a bound.

It starts before the environment's folder exists, and that folder may be exchanged for another
meanwhile; so the first part is kept in memory and written anew where the file has gone. Of a log
that grows past its bound the beginning and the end stay, and a line says how much is missing.
"""

from __future__ import annotations

import contextlib
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# The beginning says what was asked for and the end why it failed: half of the file each.
LIMIT_BYTES = 8 * 1024 * 1024
# What is remembered for a file that has to be written anew (the tools' own installation).
_KEPT_BYTES = 256 * 1024


class BuildLog:
    """Collects the lines of a build; nothing here ever fails the build."""

    def __init__(
        self, path: Path | None, fallback: Path | None = None, *, limit_bytes: int = LIMIT_BYTES
    ) -> None:
        self._path = path
        self._fallback = fallback
        self._half = limit_bytes // 2
        self._kept: list[str] = []
        self._kept_bytes = 0
        self._file: IO[bytes] | None = None
        self._size = 0
        # Where the part that gives way begins, and how many bytes it has lost so far.
        self._head = 0
        self._lost = 0

    def open(self) -> None:
        """Write to the file from here on, if its folder is there; called for each tool."""
        self.close()
        if self._path is None or not self._path.parent.is_dir():
            return
        is_new = not self._path.exists()
        with contextlib.suppress(OSError):
            self._path.touch(mode=0o600)
            self._file = self._path.open("r+b")
            self._size = self._file.seek(0, 2)
            if is_new:
                self._head = self._lost = 0
                self._append("".join(self._kept).encode())

    def write(self, line: str) -> None:
        """Add one line, which must hold no secret."""
        text = f"{line}\n"
        data = text.encode("utf-8", "replace")
        if self._kept_bytes + len(data) <= _KEPT_BYTES:
            self._kept.append(text)
            self._kept_bytes += len(data)
        if self._file is not None:
            try:
                self._append(data)
            except OSError:
                # A full disk: the build itself will say so.
                self.close()

    def close(self) -> None:
        """Write to the file no more."""
        file, self._file = self._file, None
        if file is not None:
            with contextlib.suppress(OSError):
                file.close()

    def saved(self) -> Path | None:
        """Return the file that holds the log, making one where the build had no folder yet."""
        if self._path is not None and self._path.exists():
            return self._path
        if self._fallback is None or not self._kept:
            return None
        try:
            self._fallback.parent.mkdir(parents=True, exist_ok=True)
            self._fallback.touch(mode=0o600)
            self._fallback.write_text("".join(self._kept), encoding="utf-8")
        except OSError:
            return None
        return self._fallback

    def _append(self, data: bytes) -> None:
        assert self._file is not None
        if self._size + len(data) > 2 * self._half:
            self._give_way()
        self._file.write(data)
        self._file.flush()
        self._size += len(data)

    def _give_way(self) -> None:
        """Leave out the older half of what follows the beginning."""
        assert self._file is not None
        if not self._head:
            self._file.seek(self._half)
            self._file.readline()
            self._head = self._file.tell()
        self._file.seek(self._size - self._half // 2)
        self._file.readline()  # of a line cut in two nothing is kept
        start = self._file.tell()
        tail = self._file.read()
        self._lost += start - self._head
        note = f"\n[… {self._lost} bytes are left out here …]\n\n".encode()
        self._file.seek(self._head)
        self._file.write(note + tail)
        self._file.truncate()
        self._size = self._head + len(note) + len(tail)
