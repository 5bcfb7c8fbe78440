"""Looks a bundle over: what must not be in it, and what its maker should be told."""

from __future__ import annotations

import mmap
import os
import stat
from typing import TYPE_CHECKING

from synapse_worker.env import ModuleEnvironmentError
from synapse_worker.env.errors import INVALID_CONFIG
from synapse_worker.env.redaction import redact
from synapse_worker.env.sources.own_requirement import normalized_name

from .address import holds_password
from .manifest import WHEELS_NAME, tree
from .patterns import PatternList

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from synapse_worker.env.layout import VenvLayout
    from synapse_worker.env.sources.requirements import Requirements

    from .selection import Selection

# What pip and uv read beside the files that a build names.
_SETTINGS = PatternList(
    ("pip.conf", "uv.toml", "*requirements*.txt", "*requirements*.in", "*constraints*.txt")
)
# More in one warning is a list that nobody reads.
_SHOWN = 5


def check_credentials(selection: Selection, requirements: Requirements) -> None:
    """Refuse to take along a requirements or settings file with a password in an address.

    Raises:
        ModuleEnvironmentError: there is one (`INVALID_CONFIG`); the password is not repeated.
    """
    inputs = {entry.path for entry in requirements.inputs if entry.sha256 is not None}
    named = {path for path in selection.files if _SETTINGS.decide(path.lower(), is_folder=False)}
    found = []
    for path in sorted((inputs | named) & selection.files.keys()):
        text = selection.files[path].read_text(encoding="utf-8", errors="replace")
        found += [
            f"{path}:{number}: {redact(line)}"
            for number, line in _declarations(path, text)
            if holds_password(line)
        ]
    if found:
        raise ModuleEnvironmentError(
            INVALID_CONFIG,
            "A file that would go into the bundle holds a password in an address.",
            hint="Keep it in pip.conf, PIP_INDEX_URL or UV_INDEX_URL, or as ${NAME} in the file; or name the file "
            "in exclude under [tool.synapse.bundle].",
            lines=found,
        )


def check_wheels(selection: Selection) -> None:
    """Refuse a module whose own files would be mixed with the ones its packages are installed from.

    Raises:
        ModuleEnvironmentError: it has a `wheels` of its own (`INVALID_CONFIG`).
    """
    if any(path.split("/")[0] == WHEELS_NAME for path in (*selection.files, *selection.links)):
        raise ModuleEnvironmentError(
            INVALID_CONFIG,
            f'The module has a "{WHEELS_NAME}" of its own, where the bundle keeps the files that its packages '
            "are installed from.",
            hint="Leave these out (--no-wheels), give the module's own another name, or name them in exclude under "
            "[tool.synapse.bundle].",
        )


def _declarations(path: str, text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines, with their numbers, that say what is installed: of a script, its block alone."""
    is_script = path.endswith(".py")
    is_inside = not is_script
    for number, line in enumerate(text.splitlines(), 1):
        if is_script and line.startswith("# ///"):
            is_inside = not is_inside
        if is_inside:
            yield number, line


def private_files(selection: Selection) -> Iterator[str]:
    """Warn of files that only their owner can read, and everybody in the bundle."""
    private = [
        path
        for path, source in selection.files.items()
        if not source.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH)
    ]
    if private:
        yield f"readable by their owner alone, in the bundle by everybody: {_listed(private)}"


def files_that_mention(bundle: Path, place: Path) -> Iterator[str]:
    """Warn of files that name a folder which will not be there: they may not work elsewhere."""
    needle = os.fsencode(place)
    found = [path for path in tree(bundle) if _holds(bundle / path, needle)]
    if found:
        yield f"these name the folder they were built in, and may not work elsewhere: {_listed(found)}"


def installed_packages(venv: VenvLayout) -> dict[str, str]:
    """Return the packages of an environment by name, with their versions."""
    folders = venv.root.glob("lib/python*/site-packages/*.dist-info")
    parts = (folder.name.removesuffix(".dist-info").rpartition("-") for folder in folders)
    return {normalized_name(name): version for name, _, version in sorted(parts)}


def _holds(path: Path, needle: bytes) -> bool:
    if path.is_symlink() or path.stat().st_size < len(needle):
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(needle) >= 0


def _listed(paths: list[str]) -> str:
    shown = ", ".join(sorted(paths)[:_SHOWN])
    return shown if len(paths) <= _SHOWN else f"{shown} and {len(paths) - _SHOWN} more"
