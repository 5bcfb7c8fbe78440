"""Finds the modules of a project, for an examination that was told a folder above them, or none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..env.errors import ModuleEnvironmentError
from ..env.layout import MARKER_NAME, VENV_NAME
from ..env.sources.project import DEFAULT_ENTRYPOINT, read_project

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SKIPPED = {"node_modules", "dist", "build", "__pycache__", "site-packages", "venv"}
_MAX_DEPTH = 3
_MAX_FOLDERS = 2000
_MAX_MODULES = 8
_READ_BYTES = 64 * 2**10


def modules_in(folders: Iterable[Path]) -> tuple[Path, ...]:
    """Return what is to be examined: a folder, or, where it has no entrypoint, the modules below it."""
    found: dict[str, Path] = {}
    for folder in folders:
        below = () if _has_entrypoint(folder) else find_modules(folder)
        for module in below or (folder,):
            found.setdefault(os.path.realpath(module), module)
    return tuple(found.values())


def find_modules(start: Path) -> tuple[Path, ...]:
    """Return the modules in a folder or below it, nearest first, eight at most."""
    found = sorted(_modules(start), key=lambda path: (len(path.parts), path))
    return tuple(found[:_MAX_MODULES])


def _has_entrypoint(folder: Path) -> bool:
    """Say whether a folder is a module, or means to be one: settings that cannot be read are its own."""
    try:
        return os.path.isfile(folder / read_project(folder).entrypoint)
    except ModuleEnvironmentError:
        return True


def _modules(start: Path) -> Iterator[Path]:
    for seen, (folder, folders, files) in enumerate(os.walk(start)):
        path = Path(folder)
        depth = len(path.relative_to(start).parts)
        folders[:] = sorted(
            name
            for name in folders
            if depth < _MAX_DEPTH and name not in _SKIPPED and not name.startswith(".")
        )
        if seen > _MAX_FOLDERS:
            return
        if is_module(path, files):
            folders.clear()
            yield path


def is_module(folder: Path, files: list[str]) -> bool:
    """Say whether a folder says of itself that it is a module."""
    if os.path.isfile(folder / VENV_NAME / MARKER_NAME):
        return True
    marks = {"pyproject.toml": b"[tool.synapse", DEFAULT_ENTRYPOINT: b"synapse_worker"}
    return any(name in files and mark in _head(folder / name) for name, mark in marks.items())


def _head(path: Path) -> bytes:
    if not os.path.isfile(path):
        return b""  # a pipe would be waited for
    try:
        with path.open("rb") as file:
            return file.read(_READ_BYTES)
    except OSError:
        return b""
