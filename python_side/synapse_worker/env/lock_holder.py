"""Says who holds the lock of a folder, for whoever waits for it.

The kernel knows: there is no file to write, to go stale, or to believe. Linux shows it in /proc;
elsewhere the holder is "another process". Nothing is decided here, so a wrong or late answer is
only a worse sentence.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .redaction import redact

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROC = Path("/proc")
# `12: FLOCK  ADVISORY  WRITE 4711 fe:00:123 0 EOF`
_LOCK = re.compile(r"FLOCK\s+\S+\s+(?:WRITE|READ)\s+(\d+)\s+([0-9a-f]+):([0-9a-f]+):(\d+)\s")
# What is quoted of a command line.
_COMMAND_CHARACTERS = 120


@dataclass(frozen=True)
class Holder:
    """A process that keeps a lock."""

    pid: int
    command: str
    is_stopped: bool

    def __str__(self) -> str:
        command = f" ({self.command})" if self.command else ""
        stopped = f", stopped: `kill -CONT {self.pid}` lets it go on" if self.is_stopped else ""
        return f"process {self.pid}{command}{stopped}"


def lock_holder(descriptor: int) -> Holder | None:
    """Return who holds the lock on the file behind a descriptor, as far as can be seen."""
    try:
        status = os.fstat(descriptor)
        locks = (_PROC / "locks").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    file = (os.major(status.st_dev), os.minor(status.st_dev), status.st_ino)
    for match in _LOCK.finditer(locks):
        if file == (int(match[2], 16), int(match[3], 16), int(match[4])):
            return described(int(match[1])) or _heir(match[0])
    return None


def _heir(lock: str) -> Holder | None:
    """Return a process that inherited the lock of one that has gone: a tool that outlived it."""
    for pid in processes():
        for info in _read_all(_PROC / str(pid) / "fdinfo"):
            if lock in info:
                return described(pid)
    return None


def processes() -> Iterator[int]:
    """Yield the ids of the processes that can be seen."""
    yield from (int(path.name) for path in _PROC.iterdir() if path.name.isdigit())


def _read_all(folder: Path) -> Iterator[str]:
    try:
        for path in folder.iterdir():
            yield path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return  # it is somebody else's, or has just gone


def described(pid: int) -> Holder | None:
    """Say what a process is; None of one that has ended."""
    try:
        state = (
            (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
        )
        words = (_PROC / str(pid) / "cmdline").read_bytes().split(b"\0")
    except (OSError, IndexError):
        return None
    if state in "ZX":
        return None
    command = redact(" ".join(word.decode("utf-8", "replace") for word in words)).strip()
    if len(command) > _COMMAND_CHARACTERS:
        command = command[: _COMMAND_CHARACTERS - 1] + "…"
    return Holder(pid, command, is_stopped=state in "Tt")
