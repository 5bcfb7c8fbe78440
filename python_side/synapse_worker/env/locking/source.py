"""Finds what a lock is made from, and says when a lock no longer is what its source asks for.

requirements.in, the dependencies of pyproject.toml or a script block become requirements.txt. Its header holds
a hash of the source's logical lines: comments and index addresses may change without making it stale.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import REQUIREMENTS_INVALID, ModuleEnvironmentError
from ..sources.lock_header import LockHeader, read_lock_header
from ..sources.pylock import PYLOCK_FILE
from ..sources.requirements import (
    REQUIREMENTS_FILE,
    REQUIREMENTS_SOURCE,
    UV_LOCK,
    read_unlocked,
)
from .local_dependencies import local_dependencies

if TYPE_CHECKING:
    from pathlib import Path

    from ..sources.project import Project
    from ..sources.requirements import Requirements

# Where packages come from is no part of what is asked for, and may hold a password.
_ADDRESS = re.compile(
    r"^(?:-i|-f|--index-url|--extra-index-url|--find-links|--no-index|--trusted-host)(?:\W|$|(?<=-[if]))"
)


@dataclass(frozen=True)
class LockSource:
    """What a module's lock is made from."""

    requirements: Requirements
    # Name of the file beside the lock that says so.
    file: str
    sha256: str


def lock_source(directory: Path, project: Project, entrypoint: str) -> LockSource | None:
    """Return what a lock of this module is made from; None where nothing says what it needs."""
    requirements = read_unlocked(directory, project, entrypoint)
    if requirements.source == "none":
        return None
    file = entrypoint if requirements.source == "script" else requirements.source
    return LockSource(requirements, file, _sha256(requirements, directory))


def read_lock(directory: Path) -> LockHeader | None:
    """Return the header of the module's lock; None where there is no lock of ours."""
    path = directory / REQUIREMENTS_FILE
    if not os.path.isfile(path):
        return None  # a pipe would be read for ever
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return read_lock_header(file.readline())
    except OSError:
        return None


def stale_lock(directory: Path, project: Project, entrypoint: str) -> str | None:
    """Say why the module's lock is stale; None where it is not, or where it stands alone.

    A lock whose source did not come along (an image that holds the lock alone) is taken as it is.
    """
    header = read_lock(directory)
    if header is None or not (directory / header.source).is_file():
        return None
    source = lock_source(directory, project, entrypoint)
    if source is None or source.file != header.source:
        now = "nothing" if source is None else source.file
        return f"{REQUIREMENTS_FILE} was locked from {header.source}, but {now} is what counts now."
    if source.sha256 != header.sha256:
        return f"{REQUIREMENTS_FILE} was locked before {header.source} was changed."
    return None


def refuse_stale_lock(directory: Path, project: Project, entrypoint: str) -> None:
    """Refuse to install from a lock that its source has left behind.

    Raises:
        ModuleEnvironmentError: the lock is stale (`REQUIREMENTS_INVALID`).
    """
    reason = stale_lock(directory, project, entrypoint)
    if reason is not None:
        raise ModuleEnvironmentError(
            REQUIREMENTS_INVALID,
            reason,
            hint=f"`synapse env lock {os.path.relpath(directory)}` brings it up to date.",
        )


def lockable_source(directory: Path, project: Project, entrypoint: str) -> LockSource:
    """Return what a lock is to be made from.

    Raises:
        ModuleEnvironmentError: writing one would destroy what the user wrote, or there is nothing to lock
            (`REQUIREMENTS_INVALID`).
    """
    is_written_by_hand = (directory / REQUIREMENTS_FILE).exists() and read_lock(directory) is None
    has_source = (directory / REQUIREMENTS_SOURCE).exists()
    if is_written_by_hand and not has_source:
        raise ModuleEnvironmentError(
            REQUIREMENTS_INVALID,
            f"{REQUIREMENTS_FILE} is what you wrote yourself: a lock in its place would destroy it.",
            hint=f"`synapse env lock {os.path.relpath(directory)} --init` renames it to requirements.in "
            "and locks that.",
        )
    if not (directory / REQUIREMENTS_FILE).exists():
        for name, command in ((UV_LOCK, "uv lock"), (PYLOCK_FILE, "uv export -o pylock.toml")):
            if (directory / name).exists():
                raise ModuleEnvironmentError(
                    REQUIREMENTS_INVALID,
                    f"The module is locked by {name} already.",
                    hint=f"Bring that up to date with the tool that wrote it (`{command}`).",
                )
    source = lock_source(directory, project, entrypoint)
    if source is None:
        raise ModuleEnvironmentError(
            REQUIREMENTS_INVALID,
            "Nothing says what the module needs, so there is nothing to lock.",
            hint="List its requirements in requirements.in, or under [project] in pyproject.toml.",
        )
    return source


def adopt_requirements(directory: Path) -> bool:
    """Rename a requirements.txt that is not a lock of ours to requirements.in; say whether it was."""
    written, source = directory / REQUIREMENTS_FILE, directory / REQUIREMENTS_SOURCE
    if source.exists() or not written.is_file() or read_lock(directory) is not None:
        return False
    written.rename(source)
    return True


def _sha256(requirements: Requirements, directory: Path) -> str:
    asked = (line for line in requirements.lines if not _ADDRESS.match(line))
    local = local_dependencies(requirements.lines, directory)
    text = "\n".join((*asked, "-c", *requirements.constraints, "-e", *local))
    return hashlib.sha256(text.encode()).hexdigest()
