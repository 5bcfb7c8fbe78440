"""What environments there are: below a folder, and in the cache.

Each is judged by its own marker alone: whether a module would ask for another Python now is for
`status` to say, which knows the module. Nothing is changed here.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from .expectation import Expectation
from .homes import environments_directory, references, shared_directory
from .layout import VENV_NAME, VenvLayout, cache_directory
from .marker import Marker, RuntimeIdentity, read_marker
from .status import environment_status

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["module", "cached", "shared", "tools", "files"]
State = Literal["ready", "stale", "unfinished", "orphaned"]

# Folders that hold no modules of this project, or far too much.
_SKIPPED = frozenset({"node_modules", "__pycache__", "site-packages", ".git", ".hg", ".svn"})
# What we name our folders in the cache: anything else there is somebody else's.
_OUR_NAME = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class Entry:
    """One environment that Synapse made or uses."""

    kind: Kind
    # The folder that holds `.venv`; of a tool environment, and of other files in the cache, that itself.
    home: Path
    marker: Marker | None
    state: State
    reasons: tuple[str, ...] = ()
    modules: tuple[Path, ...] = ()

    @property
    def path(self) -> Path:
        """The environment's folder."""
        return self.home if self.kind in {"tools", "files"} else self.home / VENV_NAME

    @property
    def is_ours(self) -> bool:
        """Say whether it may be deleted; one without a readable marker is not known to be."""
        return self.kind == "tools" or (self.marker is not None and self.marker.owned)

    @property
    def python(self) -> str | None:
        """The version of its interpreter."""
        if self.kind == "tools":
            return _version_of_venv(self.home)
        identity = self.marker.interpreter if self.marker else None
        return identity.version if identity else None


def environments_below(folder: Path) -> Iterator[Entry]:
    """Yield the environments of the modules in a folder and its subfolders; not those of the cache."""
    cache = os.path.realpath(cache_directory())
    for here, folders, _files in os.walk(os.path.realpath(folder)):
        if VENV_NAME in folders and (found := module_environment(Path(here))):
            yield found
        folders[:] = sorted(
            name
            for name in folders
            if name not in _SKIPPED
            and not name.startswith(".")
            and not os.path.isfile(os.path.join(here, name, "pyvenv.cfg"))
            and os.path.join(here, name) != cache
        )


def module_environment(directory: Path) -> Entry | None:
    """Return the environment beside a module; None where there is none with a marker."""
    marker = read_marker(VenvLayout.of(directory).marker)
    if marker is None:
        return None
    state, reasons = _judge(directory, directory, marker)
    return Entry("module", directory, marker, state, reasons, (directory,))


def environments_in_cache() -> Iterator[Entry]:
    """Yield the homes of modules that cannot hold theirs, the shared ones and the tools."""
    for home in ours_in(environments_directory()):
        yield _cached(home)
    for home in ours_in(shared_directory()):
        yield _shared(home)
    for folder in ours_in(cache_directory() / "tools"):
        if os.path.isfile(folder / "pyvenv.cfg"):
            is_whole = os.path.exists(folder / "bin" / "python")
            why = () if is_whole else ("Its base interpreter has gone.",)
            yield Entry("tools", folder, None, "ready" if is_whole else "stale", why)


def size_bytes(folder: Path) -> int:
    """Return what a folder takes up, files with several names counted once, links not followed."""
    seen: set[tuple[int, int]] = set()
    total = 0
    for here, _folders, files in os.walk(folder):
        for name in files:
            try:
                status = os.lstat(os.path.join(here, name))
            except OSError:
                continue  # it went away meanwhile
            if status.st_nlink > 1 and (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            total += status.st_size
    return total


def _cached(home: Path) -> Entry:
    marker = read_marker(VenvLayout.of(home).marker)
    if marker is None:
        return Entry("cached", home, None, "unfinished", ("It has no marker.",))
    module = Path(marker.directory)
    if not os.path.isdir(module):
        return Entry("cached", home, marker, "orphaned", (f'"{module}" has gone.',), (module,))
    state, reasons = _judge(module, home, marker)
    return Entry("cached", home, marker, state, reasons, (module,))


def _shared(home: Path) -> Entry:
    marker = read_marker(VenvLayout.of(home).marker)
    modules = tuple(references(home))
    if marker is None:
        return Entry("shared", home, None, "unfinished", ("It has no marker.",), modules)
    if not modules:
        return Entry("shared", home, marker, "orphaned", ("No module uses it any more.",))
    state, reasons = _judge(home, home, marker)
    return Entry("shared", home, marker, state, reasons, modules)


def _judge(directory: Path, home: Path, marker: Marker) -> tuple[State, tuple[str, ...]]:
    expected = Expectation(
        directory,
        marker.runtime or RuntimeIdentity("", ""),
        marker.python_request,
        "raw",
        share=marker.shared is not None,
        home=home,
    )
    status = environment_status(expected)
    reasons = tuple(finding.message for finding in status.findings)
    if status.is_ready:
        return "ready", reasons
    return ("unfinished" if "unfinished" in status.aspects else "stale"), reasons


def ours_in(folder: Path, suffix: str = "") -> Iterator[Path]:
    """Yield what bears a name that we give, and this suffix, in a folder of the cache."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for name in names:
        if name.endswith(suffix) and _OUR_NAME.fullmatch(name.removesuffix(suffix)):
            yield folder / name


def _version_of_venv(folder: Path) -> str | None:
    try:
        text = (folder / "pyvenv.cfg").read_text(encoding="utf-8")
    except OSError:
        return None
    found = re.search(r"^version(?:_info)?\s*=\s*(\d+\.\d+\.\d+)", text, re.MULTILINE)
    return found[1] if found else None
