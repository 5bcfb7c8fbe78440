"""The folder in which a bundle is put together, beside its final place: it appears there whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from synapse_worker.env import ModuleEnvironmentError
from synapse_worker.env.errors import INVALID_CONFIG, unwritable
from synapse_worker.env.swap import recover, swap

from .manifest import read_manifest

if TYPE_CHECKING:
    from collections.abc import Iterator

# What a rename onto something that is there fails with.
_OCCUPIED = {errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR}
# What else would do where it cannot be written.
ELSEWHERE = "name another folder with -o."
# The end of the name of a bundle on its way out.
_OLD = "-old"


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
        raise _occupied(output)
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
        _sweep(output)
        staging, lock = _claim(parent, _prefix(output))
    except OSError as problem:
        raise unwritable(parent, problem, ELSEWHERE) from problem
    try:
        yield staging, lock
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        os.close(lock)


def publish(staging: Path, output: Path, *, replace: bool) -> None:
    """Put the finished folder in place; a bundle to be replaced goes when the new one has come.

    Raises:
        ModuleEnvironmentError: somebody else has put something there meanwhile (`INVALID_CONFIG`),
            or the folder above cannot be written; what is there stays.
    """
    try:
        if replace and os.path.lexists(output) and not _is_empty(output):
            read_manifest(output)
            swap(staging, output, _old(staging))
        else:
            staging.rename(output)  # onto nothing, or an empty folder: the kernel sees to that
    except OSError as problem:
        if problem.errno in _OCCUPIED:
            raise _occupied(output) from problem
        raise unwritable(output, problem, ELSEWHERE) from problem


def _prefix(output: Path) -> str:
    return f".{output.name}.synapse-bundle-"


def _old(staging: Path) -> Path:
    """Return where the replaced bundle stands while the new one is put in its place."""
    return staging.with_name(f"{staging.name}{_OLD}")


def _claim(parent: Path, prefix: str) -> tuple[Path, int]:
    """Make a folder and lock it; another one where a sweep came in between."""
    while True:
        staging = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        lock = _lock(staging)
        if lock is not None:
            return staging, lock


def _sweep(output: Path) -> None:
    """Remove what killed runs left, folders of this name that nobody holds; bring back what they replaced."""
    found = set(output.parent.glob(f"{_prefix(output)}*"))
    for folder in found:
        if not folder.name.endswith(_OLD):
            with contextlib.suppress(OSError):
                _sweep_one(folder, output)
        elif folder.with_name(folder.name.removesuffix(_OLD)) not in found:
            with contextlib.suppress(OSError):
                recover(output, folder)
                shutil.rmtree(folder, ignore_errors=True)


def _sweep_one(staging: Path, output: Path) -> None:
    lock = _lock(staging)
    if lock is None:
        return
    try:
        recover(output, _old(staging))
        for folder in (_old(staging), staging):
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)


def _lock(folder: Path) -> int | None:
    """Lock a folder that stands there and that nobody holds."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    is_held = False
    try:
        with contextlib.suppress(BlockingIOError, FileNotFoundError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_held = os.path.samestat(os.stat(folder), os.fstat(descriptor))
    finally:
        if not is_held:
            os.close(descriptor)
    return descriptor if is_held else None


def _occupied(output: Path) -> ModuleEnvironmentError:
    return ModuleEnvironmentError(
        INVALID_CONFIG,
        f'"{output}" is there already; nothing was written.',
        hint="Give another folder, remove it, or say --replace: that replaces a bundle, and nothing else.",
    )


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not folder.is_symlink() and next(folder.iterdir(), None) is None
