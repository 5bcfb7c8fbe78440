"""The `.gitignore` files that hold for a module: its own, nested ones, those above it in the repository.

Settings of one machine (`core.excludesFile`, `.git/info/exclude`) are left out of it: equal sources
must give equal bundles.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from .patterns import PatternList

if TYPE_CHECKING:
    from pathlib import Path

_NAME = ".gitignore"


class GitIgnore:
    """Answers whether git would leave a path of the module out."""

    def __init__(self, module: Path) -> None:
        self._module = module
        # Each with the module's place relative to the list's folder ("" for the module's own).
        self._outer: list[tuple[str, PatternList]] = []
        for folder in _repository_folders(module):
            patterns = _read(folder)
            place = "" if folder == module else module.relative_to(folder).as_posix()
            # A module that lies in an ignored folder is wanted all the same: whoever ignores it there
            # speaks of the folder, not of what a bundle of it holds.
            if patterns and not (place and patterns.covers(place, is_folder=True)):
                self._outer.append((place, patterns))
        self._nested: dict[str, PatternList] = {}

    def leaves_out(self, path: str, *, is_folder: bool) -> bool:
        """Say so for a path relative to the module, whose folder is not itself left out."""
        verdict: bool | None = None
        for place, patterns in self._outer:
            answer = patterns.decide(f"{place}/{path}" if place else path, is_folder=is_folder)
            verdict = verdict if answer is None else answer
        parts = path.split("/")
        for end in range(1, len(parts)):
            answer = self._of("/".join(parts[:end])).decide(
                "/".join(parts[end:]), is_folder=is_folder
            )
            verdict = verdict if answer is None else answer
        return verdict is True

    def _of(self, folder: str) -> PatternList:
        if folder not in self._nested:
            self._nested[folder] = _read(self._module / folder)
        return self._nested[folder]


def _repository_folders(module: Path) -> list[Path]:
    """Return the folders from the repository's root to the module; without one, the module alone."""
    folders = [module]
    for folder in (module, *module.parents):
        if folder != module:
            folders.append(folder)
        if os.path.lexists(folder / ".git"):
            return folders[::-1]
    return [module]


def _read(folder: Path) -> PatternList:
    try:
        text = (folder / _NAME).read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return PatternList(())
    return PatternList(text.splitlines())
