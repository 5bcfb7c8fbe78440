"""Decides which files of a module go into its bundle, without touching any of them.

`include` wins over `exclude`, that over the built-in list, that over `.gitignore`. A link within the
module stays a link; one that leads out of it is either named in `include`, and then what it leads to is
taken in its place, or an error: neither may a secret slip in through it, nor a dead link.
"""

from __future__ import annotations

import os
import posixpath
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from synapse_worker.env import ModuleEnvironmentError
from synapse_worker.env.errors import INVALID_CONFIG
from synapse_worker.env.layout import BUNDLE_NAME

from .gitignore import GitIgnore
from .omission import LEFTOVERS, NEVER, SECRETS
from .patterns import PatternList
from .settings import BundleSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

# The file that makes a folder a virtual environment.
_ENVIRONMENT_SIGN = "pyvenv.cfg"
_WITHOUT_SETTINGS = BundleSettings()


@dataclass
class Selection:
    """What goes into the bundle, and what does not; paths relative to the module, with `/`."""

    files: dict[str, Path] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    # Path (of a folder with `/` at its end) → why it stays out.
    omitted: dict[str, str] = field(default_factory=dict)


def select_files(
    module: Path, settings: BundleSettings, apart: frozenset[Path] = frozenset()
) -> Selection:
    """Select the files of a module; `apart` are folders that are not its own, such as the output.

    Raises:
        ModuleEnvironmentError: a link leads out of the module, or nowhere (`INVALID_CONFIG`).
    """
    walk = _Walk(module, settings, apart)
    walk.folder(module, "", omitted_for=None)
    if walk.stray_links:
        raise _stray(walk.stray_links)
    _drop_dead_links(walk.selection)
    return walk.selection


def _drop_dead_links(selection: Selection) -> None:
    """Leave out links to what is left out: in the bundle they would lead nowhere."""
    taken = {*selection.files, *selection.links}
    folders = {
        "/".join(path.split("/")[:end]) for path in taken for end in range(path.count("/") + 1)
    }
    for path, target in list(selection.links.items()):
        leads_to = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        if leads_to not in taken | folders and leads_to != ".":
            del selection.links[path]
            selection.omitted[path] = f"leads to {leads_to}, which is left out"


class _Walk:
    """One walk through a module's folder."""

    def __init__(self, module: Path, settings: BundleSettings, apart: frozenset[Path]) -> None:
        self.selection = Selection()
        self.stray_links: dict[str, str] = {}
        self._module = module
        self._apart = apart
        self._include = PatternList(settings.include)
        self._exclude = PatternList(settings.exclude)
        self._secrets = PatternList(SECRETS)
        self._leftovers = PatternList(LEFTOVERS)
        self._ignored = GitIgnore(module)

    def folder(self, folder: Path, place: str, omitted_for: str | None) -> None:
        """Walk one folder; `omitted_for`: it is left out but for what `include` names in it."""
        for entry in _entries(folder):
            path = f"{place}{entry.name}"
            if entry.name in NEVER or Path(entry.path) in self._apart:
                continue
            is_folder = entry.is_dir(follow_symlinks=False)
            if is_folder and (reason := _foreign(entry.path)):
                self.selection.omitted[f"{path}/"] = reason
                continue
            is_included = self._include.covers(path, is_folder=is_folder)
            reason = None if is_included else omitted_for or self._reason(path, is_folder=is_folder)
            if is_folder:
                self._enter(entry, path, reason, omitted_for)
            elif reason is None:
                self._take(entry, path, is_included=is_included)
            elif omitted_for is None:
                self.selection.omitted[path] = reason

    def _enter(
        self, entry: os.DirEntry[str], path: str, reason: str | None, above: str | None
    ) -> None:
        if reason is not None and above is None:
            self.selection.omitted[f"{path}/"] = reason
        if reason is None or self._include:
            self.folder(Path(entry.path), f"{path}/", reason)

    def _reason(self, path: str, *, is_folder: bool) -> str | None:
        excluded = self._exclude.decide(path, is_folder=is_folder)
        if excluded is not None:
            return "exclude" if excluded else None
        if self._secrets.decide(path.lower(), is_folder=is_folder):
            return "secret"
        if self._leftovers.decide(path, is_folder=is_folder):
            return "leftover"
        return ".gitignore" if self._ignored.leaves_out(path, is_folder=is_folder) else None

    def _take(self, entry: os.DirEntry[str], path: str, *, is_included: bool) -> None:
        if entry.is_symlink():
            self._take_link(Path(entry.path), path, is_included=is_included)
        elif entry.is_file(follow_symlinks=False):
            self.selection.files[path] = Path(entry.path)
        else:
            self.selection.omitted[path] = "neither file nor folder"

    def _take_link(self, link: Path, path: str, *, is_included: bool) -> None:
        target = os.path.realpath(link)
        if not os.path.exists(target):
            self.stray_links[path] = os.readlink(link)
        elif is_within(target, self._module):
            # Absolute ones would lead back to the folder the bundle was made from.
            step = _one_step(link)
            near = step if is_within(step, self._module) else target
            self.selection.links[path] = os.path.relpath(near, link.parent).replace(os.sep, "/")
        elif not is_included:
            self.stray_links[path] = target
        elif os.path.isdir(target):
            self._take_foreign_folder(Path(target), path)
        else:
            self.selection.files[path] = Path(target)

    def _take_foreign_folder(self, target: Path, path: str) -> None:
        """Take what a link leads to in the link's place, held to the same rules."""
        walk = _Walk(target, _WITHOUT_SETTINGS, self._apart)
        walk.folder(target, "", None)
        self.selection.files |= {f"{path}/{name}": at for name, at in walk.selection.files.items()}
        self.selection.links |= {f"{path}/{name}": to for name, to in walk.selection.links.items()}
        self.selection.omitted |= {
            f"{path}/{name}": why for name, why in walk.selection.omitted.items()
        }
        self.stray_links |= {f"{path}/{name}": to for name, to in walk.stray_links.items()}


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        yield from sorted(entries, key=lambda entry: entry.name)


def _foreign(folder: str) -> str | None:
    """Say why a folder is something of its own, whatever it is called."""
    if os.path.isfile(os.path.join(folder, _ENVIRONMENT_SIGN)):
        return "a Python environment"
    if os.path.isfile(os.path.join(folder, BUNDLE_NAME)):
        return "a bundle"
    return None


def _one_step(link: Path) -> str:
    """Return where a link leads, the folder it stands in resolved, further links kept."""
    return os.path.normpath(os.path.join(os.path.realpath(link.parent), os.readlink(link)))


def is_within(path: str | Path, folder: Path) -> bool:
    """Say whether a path is a folder or lies in it; both as they are, links unresolved."""
    return Path(path) == folder or folder in Path(path).parents


def _stray(links: dict[str, str]) -> ModuleEnvironmentError:
    shown = [f"{path} -> {target}" for path, target in sorted(links.items())]
    noun = "A link of the module leads" if len(shown) == 1 else "Links of the module lead"
    return ModuleEnvironmentError(
        INVALID_CONFIG,
        f"{noun} out of it, or nowhere; a bundle cannot hold that.",
        hint="Under [tool.synapse.bundle], name it in include, to take along what it leads to, or in "
        "exclude.",
        lines=shown,
    )
