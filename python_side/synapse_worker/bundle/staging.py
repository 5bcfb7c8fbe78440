"""The folder in which a bundle is put together, beside its final place: it appears there whole or not at all."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from synapse_worker.env import ModuleEnvironmentError
from synapse_worker.env.errors import INVALID_CONFIG, unwritable

from .manifest import read_manifest

if TYPE_CHECKING:
    from collections.abc import Iterator


def check_output(output: Path, module: Path, *, replace: bool) -> None:
    """Refuse a place where the bundle cannot go, before any work.

    Raises:
        ModuleEnvironmentError: something is there that is no bundle, or one that was not to be
            replaced (`INVALID_CONFIG`).
    """
    if output == module or output in module.parents:
        raise ModuleEnvironmentError(
            INVALID_CONFIG,
            f'"{output}" holds the module itself.',
            hint="Give the bundle a folder of its own: -o out",
        )
    if not os.path.lexists(output) or _is_empty(output):
        return
    if not replace:
        raise ModuleEnvironmentError(
            INVALID_CONFIG,
            f'"{output}" is there already; nothing was written.',
            hint="Give another folder, remove it, or say --replace: that replaces a bundle, and nothing else.",
        )
    if output.is_symlink():
        raise ModuleEnvironmentError(
            INVALID_CONFIG, f'"{output}" is a link.', hint="Give the folder that it leads to."
        )
    read_manifest(output)


@contextlib.contextmanager
def staged(output: Path) -> Iterator[tuple[Path, int]]:
    """Yield an empty folder beside `output` and its lock; it goes unless `publish` has moved it.

    Tools that inherit the lock keep it until they have ended: nobody sweeps the folder before.

    Raises:
        ModuleEnvironmentError: the folder above cannot be written (`ENVIRONMENT_UNWRITABLE`).
    """
    parent = output.parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        _sweep(parent, _prefix(output))
        staging = Path(tempfile.mkdtemp(prefix=_prefix(output), dir=parent))
        lock = os.open(staging, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as problem:
        raise unwritable(parent, problem) from problem
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield staging, lock
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        os.close(lock)


def publish(staging: Path, output: Path) -> None:
    """Put the finished folder in place; a bundle that stood there goes when the new one has come.

    Raises:
        ModuleEnvironmentError: somebody else has put something there meanwhile.
    """
    try:
        old = None
        if os.path.lexists(output) and not _is_empty(output):
            old = staging.with_name(f"{staging.name}-old")
            read_manifest(output)
            output.rename(old)
        staging.rename(output)
        if old is not None:
            shutil.rmtree(old)
    except OSError as problem:
        raise unwritable(output, problem) from problem


def is_staging(name: str) -> bool:
    """Say whether a folder's name is one of ours: of a bundle being made, or left by a killed one."""
    return name.startswith(".") and ".synapse-bundle-" in name


def _prefix(output: Path) -> str:
    return f".{output.name}.synapse-bundle-"


def _sweep(parent: Path, prefix: str) -> None:
    """Remove what killed runs left: folders of this name that nobody holds."""
    for folder in parent.glob(f"{prefix}*"):
        with contextlib.suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not folder.is_symlink() and next(folder.iterdir(), None) is None
