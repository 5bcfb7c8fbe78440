"""Compares a bundle with its manifest: which files are damaged, missing or new, and whether it starts here."""

from __future__ import annotations

import os
import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from synapse_worker.env.layout import BUNDLE_NAME, VENV_NAME, VenvLayout
from synapse_worker.env.marker import read_marker
from synapse_worker.env.status import is_configured

from .manifest import BOUND, Manifest, read_manifest, sha256_of, tree

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Verification:
    """What was found; an undamaged bundle has no problems."""

    manifest: Manifest
    # Path → what is wrong with it.
    problems: dict[str, str]
    # Files beside the module's own that came later, such as data it wrote.
    added: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Say whether everything is there, as it was made."""
        return not self.problems


def verify_bundle(bundle: Path) -> Verification:
    """Read every file of a bundle and compare it with the manifest.

    Raises:
        ModuleEnvironmentError: the manifest itself is missing or damaged.
    """
    manifest = read_manifest(bundle)
    problems: dict[str, str] = {}
    for path, entry in manifest.files.items():
        problem = _file_problem(bundle / path, entry.size, entry.sha256)
        if problem:
            problems[path] = problem
    for path, target in manifest.links.items():
        problem = _link_problem(bundle, path, target, manifest)
        if problem:
            problems[path] = problem
    venv = VenvLayout.of(bundle)
    marker = read_marker(venv.marker)
    if marker is None or not marker.relocatable or marker.state != "ready":
        problems[f"{VENV_NAME}/{venv.marker.name}"] = "is missing or damaged"
    elif marker.interpreter is None or not is_configured(venv, marker.interpreter):
        problems[f"{VENV_NAME}/{venv.configuration.name}"] = "is missing or damaged"
    added: list[str] = []
    for path in _added(bundle, manifest):
        # What lies among the packages is imported like them.
        if path.startswith(f"{VENV_NAME}/"):
            problems[path] = "does not belong to the bundle"
        else:
            added.append(path)
    return Verification(manifest, dict(sorted(problems.items())), tuple(added))


def _file_problem(path: Path, size: int, sha256: str) -> str | None:
    try:
        if not path.is_file():
            return "is missing" if not os.path.lexists(path) else "is not a file"
        if path.stat().st_size != size:
            return f"has {path.stat().st_size} bytes instead of {size}"
        return None if sha256_of(path) == sha256 else "has other content"
    except OSError as problem:
        return f"cannot be read: {problem.strerror}"


def _link_problem(bundle: Path, path: str, target: str, manifest: Manifest) -> str | None:
    """Compare a link; one that was followed in copying is as good if it holds the same."""
    place = bundle / path
    if place.is_symlink():
        leads_to = os.readlink(place)
        return None if leads_to == target else f"leads to {leads_to} instead of {target}"
    if not place.exists():
        return "is missing"
    meant = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    entry = manifest.files.get(meant)
    return None if entry is None else _file_problem(place, entry.size, entry.sha256)


def _added(bundle: Path, manifest: Manifest) -> list[str]:
    known = {*manifest.files, *manifest.links, *BOUND, BUNDLE_NAME}
    followed = tuple(f"{path}/" for path in manifest.links if not (bundle / path).is_symlink())
    return [
        path
        for path in tree(bundle)
        if path not in known and not _is_compiled(path) and not path.startswith(followed)
    ]


def _is_compiled(path: str) -> bool:
    """Say whether this is what Python keeps of a module's own source that it has compiled."""
    parts = path.split("/")
    return parts[0] != VENV_NAME and "__pycache__" in parts[-2:-1]
