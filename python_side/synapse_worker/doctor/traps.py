"""What a module's path and file system can do to it: separators, letter case, times to come."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from .finding import command, error, info, warning

if TYPE_CHECKING:
    from pathlib import Path

    from .finding import Findings

# Clocks of file servers are off by seconds.
_FUTURE_S = 120.0


def examine_traps(directory: Path) -> Findings:
    """Check the path of a module, and how its file system compares names and times."""
    path = os.path.realpath(directory)
    if os.pathsep in path:
        yield error(
            "module.path",
            f'Its path "{path}" holds "{os.pathsep}", which parts the folders of PATH: no environment can be made there.',
            command("mv", directory, "a-path-without-it"),
        )
    entries = [entry for entry in os.scandir(path) if entry.is_file(follow_symlinks=False)]
    if any(_is_found_otherwise(entry) for entry in entries):
        yield info(
            "module.letter-case",
            "Its file system does not tell upper case from lower: a wrong import works here, and fails on Linux.",
        )
    now = time.time()
    future = sorted(e.name for e in entries if e.stat().st_mtime > now + _FUTURE_S)
    if future:
        yield warning(
            "module.future",
            f"{', '.join(future)} was written in the future: the clock here or there is wrong.",
            command("touch", *(os.path.join(path, name) for name in future)),
            files=future,
        )


def _is_found_otherwise(entry: os.DirEntry[str]) -> bool:
    """Say whether a file answers to its name in the other case, too."""
    swapped = entry.name.swapcase()
    try:
        return swapped != entry.name and os.path.samefile(
            entry.path, os.path.join(os.path.dirname(entry.path), swapped)
        )
    except OSError:
        return False
