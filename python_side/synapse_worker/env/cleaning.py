"""Deletes environments: only what Synapse made, only under its lock, and gone at once or not at all."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from .build.folder import EnvironmentFolder, remove
from .build.kept_tree import kept_directory
from .build.scratch import SCRATCH_NAME
from .directory_lock import locked
from .errors import ENVIRONMENT_LOCKED, ModuleEnvironmentError, unwritable
from .homes import cached_home, environments_directory, shared_directory
from .inventory import Entry, environments_in_cache, module_environment, ours_in
from .layout import cache_directory

# A folder of the cache on its way out, and tools on their way in (backends/toolset.py).
REMOVED_SUFFIX = ".removed"
_NEW_SUFFIX = ".new"


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
    """Delete the tools and what nobody uses any more from the cache, or everything in it."""
    _sweep_scratch()
    _sweep_leftovers()
    _sweep_kept()
    return [
        _clean(entry)
        for entry in environments_in_cache()
        if everything or entry.kind == "tools" or entry.state in {"orphaned", "unfinished"}
    ]


def _clean(entry: Entry) -> Outcome:
    if reason := _objection(entry):
        return Outcome(entry, reason)
    # Tools are built under the lock of the folder that holds them all.
    home = entry.home.parent if entry.kind == "tools" else entry.home
    try:
        with locked(home, timeout_s=0.0):
            _remove(entry)
    except ModuleEnvironmentError as problem:
        if problem.code != ENVIRONMENT_LOCKED:
            raise
        return Outcome(entry, problem.message)
    except OSError as problem:
        raise unwritable(Path(problem.filename or entry.path), problem) from problem
    return Outcome(entry)


def _objection(entry: Entry) -> str | None:
    """Say why an environment must stay."""
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
    elif entry.kind == "tools":
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
    for folder in ours_in(cache_directory() / SCRATCH_NAME):
        with contextlib.suppress(ModuleEnvironmentError), locked(folder, timeout_s=0.0):
            shutil.rmtree(folder, ignore_errors=True)


def _sweep_kept() -> None:
    """Remove what new environments are linked from: those that are there keep their files."""
    kept = kept_directory()
    if kept.is_dir():
        with contextlib.suppress(ModuleEnvironmentError), locked(kept, timeout_s=0.0):
            for folder in kept.iterdir():
                remove(folder)
            kept.rmdir()


def _sweep_leftovers() -> None:
    """Remove what killed runs left half made or half deleted, which no home is named like."""
    for directory in (environments_directory(), shared_directory()):
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
