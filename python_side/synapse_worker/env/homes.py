"""Where a module's environment stands: beside the module, or in the cache.

Beside it is always preferred. A folder that this user cannot write gets a home in the user's cache,
named after the folder's real path; environments that modules share have homes of their own there.
The TypeScript wing finds the same homes by the same rules (`js/src/node/env/homes.ts`).
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import ENVIRONMENT_UNWRITABLE, ModuleEnvironmentError
from .layout import VENV_NAME, VenvLayout, cache_directory
from .marker import read_marker

if TYPE_CHECKING:
    from collections.abc import Iterator

ENVIRONMENTS_NAME = "environments"
SHARED_NAME = "shared"
# In a shared home: a file for each module that uses it, with its path.
_MODULES_NAME = "modules"
# Enough digits of a sha256 to name a folder.
NAME_DIGITS = 16
# Nobody else's business: an environment in the cache is code that this user will run.
_PRIVATE = 0o700


def environments_directory() -> Path:
    """Return the folder of the homes of modules whose own folder cannot be written."""
    return cache_directory() / ENVIRONMENTS_NAME


def shared_directory() -> Path:
    """Return the folder of the homes that modules share."""
    return cache_directory() / SHARED_NAME


def cached_home(directory: Path) -> Path:
    """Return the home in the cache of the module whose real path is `directory`."""
    digest = hashlib.sha256(os.fsencode(directory)).hexdigest()
    return environments_directory() / digest[:NAME_DIGITS]


def refer(home: Path, directory: Path) -> None:
    """Note that the module in `directory` uses a shared home (whose lock is held)."""
    digest = hashlib.sha256(os.fsencode(directory)).hexdigest()
    folder = home / _MODULES_NAME
    folder.mkdir(exist_ok=True)
    (folder / digest[:NAME_DIGITS]).write_bytes(os.fsencode(directory))


def references(home: Path) -> Iterator[Path]:
    """Yield the modules that use a shared home: that said so, and whose markers still do."""
    try:
        notes = sorted((home / _MODULES_NAME).iterdir())
    except OSError:
        return
    for note in notes:
        directory = Path(os.fsdecode(note.read_bytes()))
        for place in (directory, cached_home(directory)):
            marker = read_marker(VenvLayout.of(place).marker)
            if marker is not None and marker.shared == str(home):
                yield directory
                break


def is_writable(directory: Path) -> bool:
    """Say whether an environment can be made, or changed, beside the module.

    The kernel is asked, not the mode: it knows of read-only mounts, immutable folders and servers.
    """
    venv = directory / VENV_NAME
    return _may_write(directory) and (not os.path.isdir(venv) or _may_write(venv))


def make_home(home: Path) -> None:
    """Make a home in the cache where there is none.

    Raises:
        ModuleEnvironmentError: the cache cannot be written either (`ENVIRONMENT_UNWRITABLE`).
    """
    try:
        home.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
    except OSError as problem:
        raise ModuleEnvironmentError(
            ENVIRONMENT_UNWRITABLE,
            f'Cannot write "{home}": {problem.strerror or problem}.',
            hint="Set SYNAPSE_CACHE_DIR to a folder that can be written, or make the module's own "
            "folder writable: its environment stands in the cache where that is not.",
            cause=problem,
        ) from problem


def _may_write(path: Path) -> bool:
    effective = os.access in os.supports_effective_ids
    return os.access(path, os.W_OK | os.X_OK, effective_ids=effective)
