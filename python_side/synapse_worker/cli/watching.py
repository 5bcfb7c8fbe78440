"""Notices edits of a module's files: what decides its behaviour, its environment or its schema.

It polls. A module has few files, polling works on every file system (network mounts, containers,
bind mounts), and no way of saving escapes it: an editor that writes in place, one that renames a
new file over the old, and one that does either within the clock's resolution.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# What stat says of a file: a save changes at least one of them.
_Stamp = tuple[int, int, int, int]
_Snapshot = dict[Path, _Stamp]

# Quick enough to feel at once; ten folders of a hundred files cost about 2 % of one core.
POLL_SECONDS = 0.15
# An edit has been saved when nothing has changed for so long; "save all" is one edit.
SETTLE_SECONDS = 0.1
# Something that never stops writing must not keep an edit from being seen.
LONGEST_SETTLING_SECONDS = 2.0

_REQUIREMENTS = ("requirements", "pyproject.toml")
_FOREIGN_FOLDERS = frozenset({"node_modules", "__pycache__", "site-packages"})


class Watcher:
    """Watches folders, with everything below that belongs to the user's own Python."""

    def __init__(
        self,
        folders: Iterable[Path],
        *,
        poll_seconds: float = POLL_SECONDS,
        settle_seconds: float = SETTLE_SECONDS,
    ) -> None:
        self._folders = tuple(folders)
        self._poll_seconds = poll_seconds
        self._settle_seconds = settle_seconds
        self._known = self._look()

    def wait(self, *, until: Callable[[], bool] = lambda: False) -> frozenset[Path]:
        """Wait for an edit and return the files it changed, made or removed.

        Nothing is missed between two waits. Returns no files as soon as `until()` is true.
        """
        while not until():
            if self._look() != self._known:
                return self._settled()
            time.sleep(self._poll_seconds)
        return frozenset()

    def changed(self) -> bool:
        """Say whether there is an edit that `wait` would return, without waiting."""
        return self._look() != self._known

    def _settled(self) -> frozenset[Path]:
        """Wait until the edit is complete, remember it, and return what it touched."""
        give_up_at = time.monotonic() + LONGEST_SETTLING_SECONDS
        seen = self._look()
        while time.monotonic() < give_up_at:
            time.sleep(self._settle_seconds)
            before, seen = seen, self._look()
            if seen == before:
                break
        known, self._known = self._known, seen
        return frozenset(
            path for path in known.keys() | seen.keys() if known.get(path) != seen.get(path)
        )

    def _look(self) -> _Snapshot:
        return {path: stamp for folder in self._folders for path, stamp in _files(folder, set())}


def _files(folder: Path, visited: set[tuple[int, int]]) -> Iterator[tuple[Path, _Stamp]]:
    """Yield the files that count; links are followed, each folder once."""
    try:
        own = os.stat(folder)
        entries = list(os.scandir(folder))
    except OSError:
        return  # removed meanwhile, or for a moment while it is replaced
    if (own.st_dev, own.st_ino) in visited:
        return
    visited.add((own.st_dev, own.st_ino))
    if any(entry.name == "pyvenv.cfg" for entry in entries):
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        try:
            if entry.is_dir():
                if entry.name not in _FOREIGN_FOLDERS:
                    yield from _files(Path(entry.path), visited)
            elif _counts(entry.name):
                status = os.stat(entry.path)
                stamp = (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)
                yield Path(entry.path), stamp
        except OSError:
            continue  # as above


def _counts(name: str) -> bool:
    """Say whether an edit of a file of this name can change what the module is."""
    return name.endswith(".py") or name.startswith(_REQUIREMENTS)
