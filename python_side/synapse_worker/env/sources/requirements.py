"""Decides where a module's requirements come from and which files they depend on.

First that exists: requirements.txt, `[project] dependencies` of pyproject.toml, the PEP 723 block
of the entrypoint, none. Files looked for in vain are inputs too: creating one changes the answer.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..marker import Input
from .inline_metadata import inline_dependencies
from .own_requirement import is_own
from .project import PROJECT_FILE
from .requirements_file import logical_lines, read_requirements_file

if TYPE_CHECKING:
    from pathlib import Path

    from .project import Project

REQUIREMENTS_FILE = "requirements.txt"
Source = Literal["requirements.txt", "pyproject.toml", "script", "none"]


@dataclass(frozen=True)
class Requirements:
    """What a module asks for, and the files that say so."""

    source: Source
    lines: tuple[str, ...]
    inputs: tuple[Input, ...]
    # The file to hand to the tools; None where the lines were read out of another format.
    file: Path | None = None
    # What to hand over instead of `file` where it asks for us, whom no index has to have.
    rewritten: tuple[str, ...] | None = None
    options: tuple[str, ...] = ()
    is_hash_locked: bool = False

    @property
    def is_empty(self) -> bool:
        """Say whether there is nothing to install."""
        return not any(not line.startswith("-") or line.startswith("-e") for line in self.lines)

    @property
    def sha256(self) -> str:
        """Hash of what the tools would see."""
        return hashlib.sha256("\n".join((self.source, *self.lines)).encode()).hexdigest()


def read_requirements(directory: Path, project: Project, entrypoint: str) -> Requirements:
    """Read the requirements of the module in `directory`.

    Raises:
        ModuleEnvironmentError: they cannot be read (`REQUIREMENTS_INVALID`).
    """
    path = directory / REQUIREMENTS_FILE
    if path.exists():
        found = read_requirements_file(path)
        return Requirements(
            source="requirements.txt",
            lines=tuple(found.lines),
            inputs=tuple(read_input(directory, file) for file in found.files),
            file=path,
            rewritten=tuple(found.flat) if found.names_us else None,
            options=tuple(found.options),
            is_hash_locked=found.is_hash_locked,
        )
    inputs = [read_input(directory, path), read_input(directory, directory / PROJECT_FILE)]
    if project.dependencies is not None:
        return _plain("pyproject.toml", project.dependencies, inputs)
    script = directory / entrypoint
    inputs.append(read_input(directory, script))
    lines = None
    if script.is_file():
        lines = inline_dependencies(script.read_text("utf-8", errors="replace"), entrypoint)
    return _plain("none", (), inputs) if lines is None else _plain("script", lines, inputs)


def _plain(source: Source, lines: tuple[str, ...], inputs: list[Input]) -> Requirements:
    asked = tuple(line for line in logical_lines("\n".join(lines)) if not is_own(line))
    return Requirements(source, asked, tuple(inputs))


def read_input(directory: Path, path: Path) -> Input:
    """Return the identity of one file, named relative to the module's folder."""
    name = os.path.relpath(path, directory).replace(os.sep, "/")
    try:
        content = path.read_bytes()
    except OSError:
        return Input(name, None, None)
    return Input(name, len(content), hashlib.sha256(content).hexdigest())


def input_is_unchanged(directory: Path, known: Input) -> bool:
    """Compare a file with its recorded identity; the size alone often settles it."""
    path = directory / known.path
    try:
        size = path.stat().st_size
    except OSError:
        return known.sha256 is None
    return size == known.size and read_input(directory, path).sha256 == known.sha256
