"""Finds the files behind a requirement that is a folder or an archive on this machine.

A local project's dependencies stand in its pyproject.toml, setup.py or setup.cfg: a change there
changes the environment, a change of its other files does not (an editable one is read where it is).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from .requirement_line import RequirementLine

_PROJECT_FILES = ("pyproject.toml", "setup.py", "setup.cfg")
# Every start of a worker hashes the inputs: of a larger archive only the name counts.
_MAX_ARCHIVE_BYTES = 1024 * 1024


def local_files(lines: Iterable[RequirementLine]) -> list[Path]:
    """Return the files, present or not, that the local requirements depend on."""
    files: list[Path] = []
    for line in lines:
        if line.kind != "local" or line.path is None:
            continue
        if os.path.isdir(line.path):
            files += [line.path / name for name in _PROJECT_FILES]
        elif not os.path.isfile(line.path) or line.path.stat().st_size <= _MAX_ARCHIVE_BYTES:
            files.append(line.path)
    return list(dict.fromkeys(files))
