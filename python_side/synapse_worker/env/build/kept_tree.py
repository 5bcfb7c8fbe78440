"""Keeps in the cache what is the same in every environment of one interpreter: our runtime, compiled, and our codec.

The first environment gives copies of what was installed and examined in it; every other one gets copies of those.
A list of their sizes and times stands beside them: what was cleaned away, cut short or edited since is found and
never used. All of it is only ever faster: where it cannot be kept, read or copied, everything is installed as for
the first time.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import platform
import shutil
import stat
import sysconfig
from typing import TYPE_CHECKING

from ..directory_lock import locked
from ..errors import ModuleEnvironmentError
from ..homes import NAME_DIGITS
from ..layout import cache_directory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from ..discovery.interpreters import Interpreter

KEPT_NAME = "kept"
_LIST_NAME = "files.json"
_FILES_NAME = "files"
_NEW_SUFFIX = ".new"
# Two trees for each interpreter in use; what a new release or interpreter leaves behind is the oldest.
_MOST_TREES = 16

_COPIED_BYTES = 1 << 20

# Path in the tree → size and time of change, in ns.
_Files = dict[str, tuple[int, int]]


class KeptTree:
    """One tree of files in the cache, named by all that it is made of."""

    def __init__(self, kind: str, sha256: str, base: Interpreter) -> None:
        status = os.stat(base.path)
        made_of = [
            *(kind, sha256, os.path.realpath(base.path), base.version_text),
            *(status.st_size, status.st_mtime_ns, sysconfig.get_platform(), platform.machine()),
        ]
        digest = hashlib.sha256(json.dumps(made_of).encode()).hexdigest()
        self._folder = cache_directory() / KEPT_NAME / digest[:NAME_DIGITS]

    @property
    def place(self) -> str | None:
        """Where in an environment the tree belongs; None where there is no tree, or not all of it."""
        return None if self._found is None else self._found[0]

    def plant(self, target: Path) -> bool:
        """Put the files into a folder, which must exist and have none of them; say whether they are there.

        Where not, what is there of them is for the caller to remove.
        """
        if self._found is None:
            return False
        source = os.path.join(self._folder, _FILES_NAME)
        try:
            _copy(source, os.fspath(target), self._found[1])
            os.utime(self._folder)
        except OSError:
            return False
        return True

    def keep(self, root: Path, names: Iterable[str], place: str) -> None:
        """Take files and folders of `root` into the cache, if that can be; they appear whole or not at all."""
        with contextlib.suppress(OSError, ModuleEnvironmentError):
            home = self._folder.parent
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            with locked(home, timeout_s=0.0):
                self._keep(root, list(names), place)

    def forget(self) -> None:
        """Remove the tree: it does not belong where it says."""
        self._found = None
        with (
            contextlib.suppress(OSError, ModuleEnvironmentError),
            locked(self._folder.parent, timeout_s=0.0),
        ):
            _remove(self._folder)

    def _keep(self, root: Path, names: list[str], place: str) -> None:
        if self._found is None and self._read() is not None:
            return  # another build was faster
        for left in self._folder.parent.glob(f"*{_NEW_SUFFIX}"):
            _remove(left)  # by a build that was killed
        fresh = self._folder.with_name(f"{self._folder.name}{_NEW_SUFFIX}")
        try:
            files = {path: _stamp(os.path.join(root, path)) for path in _walk(root, names)}
            fresh.mkdir()
            (fresh / _FILES_NAME).mkdir()
            _copy(os.fspath(root), os.path.join(fresh, _FILES_NAME), files)
            listed = json.dumps({"place": place, "files": files})
            (fresh / _LIST_NAME).write_text(listed, encoding="utf-8")
            _remove(self._folder)
            fresh.rename(self._folder)
        finally:
            _remove(fresh)
        for old in _oldest_first(self._folder.parent)[:-_MOST_TREES]:
            _remove(old)

    @functools.cached_property
    def _found(self) -> tuple[str, _Files] | None:
        return self._read()

    def _read(self) -> tuple[str, _Files] | None:
        """Return where the tree belongs and its files, each as it was when it was kept."""
        try:
            listed = json.loads(_text_of(self._folder / _LIST_NAME))
            place = str(listed["place"])
            files = {
                str(path): (int(size), int(time)) for path, (size, time) in listed["files"].items()
            }
            source = os.path.join(self._folder, _FILES_NAME)
            is_whole = all(_stamp(os.path.join(source, path)) == files[path] for path in files)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None
        return (place, files) if is_whole and files else None


def _text_of(file: Path) -> str:
    if not stat.S_ISREG(os.lstat(file).st_mode):  # a pipe would be waited for
        raise ValueError(f"{file} is no file")
    return file.read_text(encoding="utf-8")


def _walk(root: Path, names: Iterable[str]) -> Iterator[str]:
    """Yield the files of some entries of a folder, as paths in it."""
    for name in names:
        if not os.path.isdir(os.path.join(root, name)):
            yield name
        for here, _folders, files in os.walk(os.path.join(root, name)):
            inside = os.path.relpath(here, root)
            yield from (os.path.join(inside, file) for file in files)


def _stamp(path: str) -> tuple[int, int]:
    status = os.lstat(path)
    return status.st_size, status.st_mtime_ns


def _copy(source: str, target: str, files: _Files) -> None:
    """Copy files into another folder, which has none of them.

    Never as links: whoever edits, owns or may read the files of one environment would do so in all. Their times
    are kept, by which compiled files are known to belong to their source.
    """
    folders: set[str] = set()
    for path in files:
        folder = os.path.dirname(path)
        while folder and folder not in folders:
            folders.add(folder)
            folder = os.path.dirname(folder)
    # One by one: the target itself must not come to life again where it has been deleted meanwhile.
    for folder in sorted(folders):
        os.mkdir(os.path.join(target, folder))
    for path, (_size, time) in files.items():
        copy = os.path.join(target, path)
        with open(os.path.join(source, path), "rb") as original, open(copy, "xb") as copied:
            shutil.copyfileobj(original, copied, _COPIED_BYTES)
        os.utime(copy, ns=(time, time))


def _oldest_first(home: Path) -> list[Path]:
    found = [path for path in home.iterdir() if not path.suffix]
    return sorted(found, key=lambda path: path.stat().st_mtime_ns)


def _remove(folder: Path) -> None:
    """Remove a tree, its list first: half of one is none."""
    with contextlib.suppress(FileNotFoundError):
        (folder / _LIST_NAME).unlink()
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder)
