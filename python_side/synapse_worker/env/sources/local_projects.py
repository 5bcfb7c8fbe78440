"""Finds the files behind a requirement that is a folder or an archive on this machine.

A local project's dependencies stand in its pyproject.toml, setup.py or setup.cfg: a change there
changes the environment, a change of its other files does not (an editable one is read where it is).
"""

from __future__ import annotations

import configparser
import os
from typing import TYPE_CHECKING

from .own_requirement import normalized_name
from .toml import TomlError, parse_toml

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


def project_name(folder: Path) -> str | None:
    """Return the normalized name that a local project gives itself, where it can be read."""
    try:
        project = parse_toml((folder / "pyproject.toml").read_text("utf-8-sig")).get("project", {})
        name = project.get("name") if isinstance(project, dict) else None
    except (OSError, UnicodeDecodeError, TomlError):
        name = None
    if not isinstance(name, str):
        parser = configparser.RawConfigParser()
        try:
            parser.read(folder / "setup.cfg", encoding="utf-8-sig")
        except (configparser.Error, UnicodeDecodeError):
            return None
        name = parser.get("metadata", "name", fallback=None)
    return normalized_name(name.strip()) if isinstance(name, str) and name.strip() else None
