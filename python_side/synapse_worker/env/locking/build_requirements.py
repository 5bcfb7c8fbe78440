"""Says what source packages are built with (PEP 518): offline, that has to be at hand as well."""

from __future__ import annotations

import tarfile
import zipfile
from typing import TYPE_CHECKING

from ..sources.toml import TomlError, parse_toml

if TYPE_CHECKING:
    from pathlib import Path

# What a project without [build-system] is built with (PEP 517).
_DEFAULT = ("setuptools>=40.8.0",)
_MAX_BYTES = 1024 * 1024


def build_requirements(project: Path) -> list[str]:
    """Return what a source archive or a project's folder is built with."""
    try:
        data = parse_toml(_pyproject(project))
    except (OSError, KeyError, ValueError, TomlError, tarfile.TarError, zipfile.BadZipFile):
        return list(_DEFAULT)
    system = data.get("build-system")
    requires = system.get("requires") if isinstance(system, dict) else None
    if not isinstance(requires, list) or not all(isinstance(name, str) for name in requires):
        return list(_DEFAULT)
    return requires


def _pyproject(project: Path) -> str:
    """Return the project's pyproject.toml; in an archive it stands in the one top folder."""
    if project.is_dir():
        return (project / "pyproject.toml").read_text(encoding="utf-8-sig")
    if project.suffix == ".zip":
        with zipfile.ZipFile(project) as archive:
            name = _top(archive.namelist())
            return archive.read(name)[:_MAX_BYTES].decode("utf-8-sig")
    with tarfile.open(project) as tar:
        member = tar.extractfile(_top(tar.getnames()))
        if member is None:
            raise KeyError(project.name)
        return member.read(_MAX_BYTES).decode("utf-8-sig")


def _top(names: list[str]) -> str:
    return next(
        (name for name in names if name.count("/") == 1 and name.endswith("/pyproject.toml")),
        "pyproject.toml",
    )
