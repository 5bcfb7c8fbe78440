"""Commands that answer as Pythons of any version, for machines that are not there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def fake_python(
    folder: Path,
    name: str,
    version: list[int] | None,
    *,
    level: str = "final",
    is_free_threaded: bool = False,
    runs: str = "",
) -> Path:
    """Write a command that answers as a Python of this version, or not at all.

    `runs` is shell text that comes first, with the arguments in `$@`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    said = json.dumps([str(path), version, level, is_free_threaded])
    answer = "exit 1" if version is None else f"echo '{said}'"
    path.write_text(f"#!/bin/sh\n{runs}\n{answer}\n")
    path.chmod(0o755)
    return path
