"""Copies a module's files into its bundle, and gives all that is in it plain modes and a life of its own."""

from __future__ import annotations

import os
import shutil
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from .selection import Selection

# https://reproducible-builds.org/docs/source-date-epoch/
_EPOCH_VARIABLE = "SOURCE_DATE_EPOCH"


def copy_selection(selection: Selection, target: Path) -> None:
    """Copy the selected files and links; their folders are made."""
    for path, source in selection.files.items():
        place = target / path
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, place)
        place.chmod(source.stat().st_mode)
    for path, leads_to in selection.links.items():
        place = target / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(leads_to)


def normalize(folder: Path) -> None:
    """Give every file a mode like git's: 755 what is executable, 644 the rest, 755 every folder.

    uv links installed files to its cache, whose own modes and contents must stay as they are: such a
    file is copied first.
    """
    folder.chmod(0o755)
    for place, subfolders, names in os.walk(folder):
        for name in subfolders:
            path = os.path.join(place, name)
            if not os.path.islink(path):
                os.chmod(path, 0o755)
        for name in names:
            path = os.path.join(place, name)
            if not os.path.islink(path):
                _make_own(path)


def set_times(folder: Path) -> None:
    """Set the times of everything to `$SOURCE_DATE_EPOCH`, where that is given.

    Without it they stay as they are: tools that copy only what changed (rsync) go by size and time.
    """
    epoch = os.environ.get(_EPOCH_VARIABLE, "")
    if not epoch.isdigit():
        return
    times = (int(epoch), int(epoch))
    for place, _, names in os.walk(folder, topdown=False):
        for name in names:
            os.utime(os.path.join(place, name), times, follow_symlinks=False)
        os.utime(place, times)


def _make_own(path: str) -> None:
    now = os.stat(path)
    if now.st_nlink > 1:
        fresh = f"{path}.synapse-new"
        shutil.copyfile(path, fresh)
        os.replace(fresh, path)
    os.chmod(path, 0o755 if now.st_mode & stat.S_IXUSR else 0o644)
