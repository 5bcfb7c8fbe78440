"""Deletes environments and the cache: only what Synapse made, gone at once or not at all.

Nothing goes that somebody uses: each environment has the lock of its builder, the cache one that builds
share, and workers are seen by what they were started with.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .build.cache_use import cache_alone
from .build.folder import EnvironmentFolder, remove
from .build.kept_tree import KEPT_NAME
from .build.scratch import scratch_folders
from .directory_lock import locked, remove_stand_ins
from .errors import AS_ITS_OWNER, ENVIRONMENT_LOCKED, ModuleEnvironmentError, unwritable
from .homes import cached_home, environments_directory, shared_directory
from .inventory import Entry, environments_in_cache, module_environment, ours_in
from .layout import cache_directory
from .occupants import occupant

if TYPE_CHECKING:
    from collections.abc import Iterator

# A folder of the cache on its way out, and tools on their way in (backends/toolset.py).
REMOVED_SUFFIX = ".removed"
_NEW_SUFFIX = ".new"
# What tools, and the hooks that import Python from JavaScript, have made for themselves; they make it anew.
_CACHES = ("virtualenv", "pip-tools", "register", KEPT_NAME)


@dataclass(frozen=True)
class Outcome:
    """What became of one environment; without a reason it is gone."""

    entry: Entry
    kept_because: str | None = None


def clean_module(directory: Path) -> list[Outcome]:
    """Delete the environment of one module, wherever it stands.

    Raises:
        ModuleEnvironmentError: a folder cannot be changed (`ENVIRONMENT_UNWRITABLE`).
    """
    directory = directory.resolve()
    found = [module_environment(directory)]
    home = cached_home(directory)
    found += [entry for entry in environments_in_cache() if entry.home == home]
    outcomes = [_clean(entry) for entry in found if entry is not None]
    if not outcomes:
        _sweep(directory)
    return outcomes


def clean_cache(*, everything: bool = False) -> list[Outcome]:
    """Delete what nobody uses from the cache, or every environment in it; what a build needs stays."""
    if not cache_directory().is_dir():
        return []
    _sweep_scratch()
    _sweep_leftovers()
    remove_stand_ins()
    found = [
        entry
        for entry in environments_in_cache()
        if everything or entry.kind == "tools" or entry.state in {"orphaned", "unfinished"}
    ]
    outcomes = [_clean(entry) for entry in found if entry.kind != "tools"]
    common = [*(entry for entry in found if entry.kind == "tools"), *_kept_for_builds()]
    try:
        with cache_alone():
            return [*outcomes, *(_clean(entry) for entry in common)]
    except ModuleEnvironmentError as problem:
        if problem.code != ENVIRONMENT_LOCKED:
            raise
        return [*outcomes, *(Outcome(entry, problem.message) for entry in common)]


def _kept_for_builds() -> Iterator[Entry]:
    """Yield what makes builds and commands faster, and the logs of those that failed."""
    cache = cache_directory()
    places = [cache / name for cached in _CACHES for name in (cached, cached + REMOVED_SUFFIX)]
    places += [place for place in ours_in(cache / "runtime") if not _runs_from(place)]
    places += ours_in(cache / "logs", ".log")
    yield from (Entry("files", place, None, "ready") for place in places if os.path.lexists(place))


def _runs_from(folder: Path) -> bool:
    return Path(os.path.realpath(__file__)).is_relative_to(os.path.realpath(folder))


def _clean(entry: Entry) -> Outcome:
    if reason := _objection(entry):
        return Outcome(entry, reason)
    try:
        with _locked(entry):
            _remove(entry)
    except ModuleEnvironmentError as problem:
        if problem.code != ENVIRONMENT_LOCKED:
            raise
        return Outcome(entry, problem.message)
    except OSError as problem:
        path = Path(problem.filename or entry.path)
        raise unwritable(path, problem, AS_ITS_OWNER) from problem
    return Outcome(entry)


def _locked(entry: Entry) -> contextlib.AbstractContextManager[object]:
    """Return the lock of who makes it."""
    if entry.kind == "files":
        return contextlib.nullcontext()  # that of the whole cache, which is held
    # Tools are built under the lock of the folder that holds them all.
    return locked(entry.home.parent if entry.kind == "tools" else entry.home, timeout_s=0.0)


def _objection(entry: Entry) -> str | None:
    """Say why an environment must stay."""
    if entry.kind != "module" and entry.home.is_dir() and (who := occupant(entry.home)):
        return f"It is used by {who}."
    if entry.kind == "files":
        return None
    if entry.kind in {"cached", "shared"} and entry.marker is None:
        return None  # in a folder that only we name, inside our cache: a build that was killed
    if not entry.is_ours:
        return "It is your own: Synapse did not make it."
    if entry.path.is_symlink() or entry.path.is_mount():
        return "It is a link or a mount point: delete what it leads to yourself."
    if entry.marker is not None and entry.marker.relocatable:
        return "It is a bundle: `synapse bundle` makes it, and nothing here could build it again."
    return None


def _remove(entry: Entry) -> None:
    if entry.kind == "module":
        folder = EnvironmentFolder(entry.home, entry.home)
        folder.remove_leftovers()
        folder.discard()
    elif entry.kind == "files" and (entry.home.is_file() or entry.home.suffix == REMOVED_SUFFIX):
        remove(entry.home)
    elif entry.kind in {"tools", "files"}:
        _vanish(entry.home)
    else:
        EnvironmentFolder(entry.home, entry.home).refuse_running_from_it()
        _vanish(entry.home)


def _vanish(folder: Path) -> None:
    """Delete a folder of the cache; a reader sees it whole, or not at all."""
    doomed = folder.with_name(folder.name + REMOVED_SUFFIX)
    remove(doomed)
    folder.rename(doomed)
    remove(doomed)


def _sweep(directory: Path) -> None:
    """Remove what a killed build left where there is no environment yet."""
    with locked(directory, timeout_s=0.0):
        EnvironmentFolder(directory, directory).remove_leftovers()


def _sweep_scratch() -> None:
    """Remove what killed tools left to throw away; a build that runs holds the lock of its own."""
    for place, suffix in scratch_folders():
        for folder in ours_in(place, suffix):
            with contextlib.suppress(ModuleEnvironmentError), locked(folder, timeout_s=0.0):
                shutil.rmtree(folder, ignore_errors=True)


def _sweep_leftovers() -> None:
    """Remove what killed runs left half made or half deleted, which no home is named like."""
    for directory in (environments_directory(), shared_directory(), cache_directory() / "runtime"):
        for folder in ours_in(directory, REMOVED_SUFFIX):
            # Who deletes it now still holds the lock that it took under its old name.
            with contextlib.suppress(ModuleEnvironmentError), locked(folder, timeout_s=0.0):
                shutil.rmtree(folder, ignore_errors=True)
    tools = cache_directory() / "tools"
    found = [*ours_in(tools, _NEW_SUFFIX), *ours_in(tools, REMOVED_SUFFIX)]
    if found:
        with contextlib.suppress(ModuleEnvironmentError), locked(tools, timeout_s=0.0):
            for folder in found:
                shutil.rmtree(folder, ignore_errors=True)
