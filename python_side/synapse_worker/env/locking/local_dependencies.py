"""Says what the projects beside a module ask for themselves: their dependencies stand in its lock."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from ..sources.requirement_line import parse_requirement_line
from ..sources.toml import TomlError, parse_toml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_FILES = ("pyproject.toml", "setup.cfg", "setup.py")
_KEYS = ("name", "requires-python", "dependencies", "optional-dependencies")


def local_dependencies(lines: Iterable[str], directory: Path) -> Iterator[str]:
    """Yield what identifies the dependencies of each local project among the requirements."""
    for text in lines:
        line = parse_requirement_line(text, directory)
        if line.kind == "local" and line.path is not None and line.path.is_dir():
            yield _declared(line.path) or _files(line.path)


def _declared(folder: Path) -> str | None:
    """Return the dependencies as pyproject.toml lists them; None where only a build would tell."""
    try:
        data = parse_toml((folder / "pyproject.toml").read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, TomlError):
        return None
    project = data.get("project")
    if not isinstance(project, dict) or "dependencies" in project.get("dynamic", []):
        return None
    return json.dumps([project.get(key) for key in _KEYS], default=str)


def _files(folder: Path) -> str:
    digest = hashlib.sha256()
    for name in _FILES:
        path = folder / name
        digest.update(path.read_bytes() if path.is_file() else b"\0")
    return digest.hexdigest()
