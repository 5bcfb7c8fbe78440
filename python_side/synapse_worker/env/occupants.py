"""Finds who runs from a folder: workers of an environment, tools of a build, a command line of ours.

The command lines of processes say it, from /proc or, where there is none, from `ps`. A process that
cannot be seen is not found.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from .lock_holder import described, processes

if TYPE_CHECKING:
    from collections.abc import Iterator

_PS_TIMEOUT_S = 10.0


def occupant(folder: Path) -> str | None:
    """Name a process, other than this one, that was started with something in the folder."""
    inside = tuple({os.path.join(place, "") for place in (str(folder), os.path.realpath(folder))})
    for pid, words in _command_lines():
        if pid != os.getpid() and any(word.startswith(inside) for word in words):
            return str(described(pid) or f"process {pid}")
    return None


def _command_lines() -> Iterator[tuple[int, list[str]]]:
    if not os.path.isdir("/proc/self"):
        yield from _from_ps()
        return
    for pid in processes():
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue  # it has just gone
        yield pid, [os.fsdecode(word) for word in words]


def _from_ps() -> Iterator[tuple[int, list[str]]]:
    """Read what `ps` prints; a path with blanks in it is not recognised there."""
    command = ["ps", "-axo", "pid=,command="]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_PS_TIMEOUT_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return
    for line in os.fsdecode(done.stdout).splitlines():
        pid, *words = line.split()
        yield int(pid), words
