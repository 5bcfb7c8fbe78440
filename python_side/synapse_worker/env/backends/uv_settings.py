"""Reads uv's own settings, as far as we must know them: whether they say where packages come from.

uv takes the nearest uv.toml or `[tool.uv]` above the folder it runs in, then the user's file and the machine's.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..sources.toml import TomlError, parse_toml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_INDEX_VARIABLES = ("UV_INDEX", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL")
_INDEX_KEYS = ("index-url", "extra-index-url", "no-index")
_TRUE = {"1", "true", "yes", "on"}
_SYSTEM_FILE = Path("/etc/uv/uv.toml")


def names_an_index(environment: Mapping[str, str], directory: Path) -> bool:
    """Say whether uv is told by its own settings where packages come from; other settings do not count."""
    if any(environment.get(name) for name in _INDEX_VARIABLES):
        return True
    tables = [table for _, table in uv_tables(environment, directory)]
    scopes = [*tables, *(_mapping(table.get("pip")) for table in tables)]
    return any(_has_index(scope) for scope in scopes)


def uv_tables(
    environment: Mapping[str, str], directory: Path
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield the settings files that uv reads in `directory` with what they say, the nearest first."""
    if chosen := environment.get("UV_CONFIG_FILE"):
        yield Path(chosen), _read(Path(chosen))
        return
    if environment.get("UV_NO_CONFIG", "").lower() in _TRUE:
        return
    for folder in (directory, *directory.parents):
        own, project_file = folder / "uv.toml", folder / "pyproject.toml"
        if os.path.isfile(own):
            yield own, _read(own)
            break
        project = _read(project_file)
        tools = _mapping(project.get("tool"))
        if "uv" in tools:
            yield project_file, _mapping(tools["uv"])
        if "uv" in tools or "project" in project:
            break  # uv looks no higher: the root of a project stands for itself
    home = Path(environment.get("HOME") or Path.home())
    user = Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "uv" / "uv.toml"
    for path in (user, _SYSTEM_FILE):
        yield path, _read(path)


def _has_index(scope: dict[str, Any]) -> bool:
    if any(scope.get(key) for key in _INDEX_KEYS):
        return True
    listed = scope.get("index")
    # An explicit index serves only the packages that name it.
    return isinstance(listed, list) and any(
        _mapping(entry).get("explicit") is not True for entry in listed
    )


def _read(path: Path) -> dict[str, Any]:
    if not os.path.isfile(path):
        return {}  # a pipe would be read for ever
    try:
        return parse_toml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, TomlError):
        return {}  # uv itself says what is wrong with it


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
