"""Puts a finished folder in the place of an older one, which is never lost on the way."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def swap(staging: Path, target: Path, old: Path) -> None:
    """Rename `staging` to `target`; what stood there waits as `old`, and comes back where that fails."""
    try:
        if os.path.lexists(target):
            target.rename(old)
        staging.rename(target)
    except BaseException:  # Ctrl-C may come behind either
        recover(target, old)
        raise
    with contextlib.suppress(
        OSError
    ):  # what is in its place is good; what is left, the next one removes
        remove_tree(old)


def recover(target: Path, old: Path) -> None:
    """Put back what an end in the middle of `swap` has left aside."""
    if os.path.lexists(old) and not os.path.lexists(target):
        old.rename(target)


def remove_tree(path: Path) -> None:
    """Remove what stands at a path, if anything; of a link only itself."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)
