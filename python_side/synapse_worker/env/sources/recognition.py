"""Says whether a folder is a module at all: one that nothing could be called in gets no environment."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from ..errors import INVALID_CONFIG, ModuleEnvironmentError
from .project import PROJECT_FILE
from .pylock import PYLOCK_FILE
from .requirements import REQUIREMENTS_FILE, REQUIREMENTS_SOURCE, UV_LOCK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SOURCES = (REQUIREMENTS_FILE, PYLOCK_FILE, UV_LOCK, REQUIREMENTS_SOURCE, PROJECT_FILE)
_MAX_NAMED = 3


def refuse_no_module(directory: Path, entrypoint: str) -> None:
    """Refuse a folder without an entrypoint, requirements or settings.

    Any Python file may be an entrypoint: who connects to the module says which, and does not say so here.

    Raises:
        ModuleEnvironmentError: it is one (`INVALID_CONFIG`).
    """
    if _has_any(directory, entrypoint, *_SOURCES) or any(directory.glob("*.py")):
        return
    near = list(_modules_near(directory, entrypoint))
    meant = f" Did you mean {' or '.join(near)}?" if near else ""
    raise ModuleEnvironmentError(
        INVALID_CONFIG,
        f'"{directory}" is no module: it has no {entrypoint}, no requirements and no {PROJECT_FILE}.',
        hint=f"Give the folder of the Python module; `synapse init DIR` makes one.{meant}",
    )


def refuse_odd_entrypoint(directory: Path, entrypoint: str) -> None:
    """Refuse an entrypoint that is there and no file: a pipe would be waited for, for ever.

    Raises:
        ModuleEnvironmentError: it is one (`INVALID_CONFIG`).
    """
    path = directory / entrypoint
    try:
        is_plain = stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return  # who reads it says so
    if not is_plain:
        raise ModuleEnvironmentError(
            INVALID_CONFIG,
            f'The entrypoint "{path}" cannot be read: it is not a plain file.',
            hint="Name it with --entrypoint, or in [tool.synapse] of the module's pyproject.toml.",
        )


def _modules_near(directory: Path, entrypoint: str) -> Iterator[str]:
    """Yield the folders inside, or else beside, that have such an entrypoint, as a few examples."""
    for parent in (directory, directory.parent):
        try:
            names = sorted(os.listdir(parent))
        except OSError:
            continue
        folders = [parent / name for name in names if not name.startswith(".")]
        found = [f'"{folder}"' for folder in folders if _has_any(folder, entrypoint)]
        if found:
            yield from found[:_MAX_NAMED]
            return


def _has_any(directory: Path, *names: str) -> bool:
    return any(os.path.lexists(directory / name) for name in names)
