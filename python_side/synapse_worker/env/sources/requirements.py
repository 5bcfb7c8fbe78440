"""Decides where a module's requirements come from and which files they depend on.

First that exists: requirements.txt, pylock.toml, uv.lock, requirements.in, what pyproject.toml lists,
the PEP 723 block of the entrypoint, none. Files looked for in vain are inputs too: creating one
changes the answer. pyproject.toml and .python-version always are: they say which Python.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ..errors import REQUIREMENTS_INVALID, ModuleEnvironmentError
from .build_option import refuse_build_option
from .inline_metadata import inline_metadata
from .inputs import read_input
from .local_projects import local_files
from .lock_header import read_lock_header
from .logical_lines import logical_lines
from .own_requirement import is_own
from .project import PROJECT_FILE
from .pylock import PYLOCK_FILE, PylockLines
from .python_version_file import version_file_candidates
from .requirement_line import parse_requirement_line
from .requirement_set import Requirements, Source
from .requirements_file import RequirementsFile, is_locked, read_requirements_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from .inline_metadata import InlineMetadata
    from .project import Project
    from .requirement_line import RequirementLine

    # Directory, dependency groups and extras → the lines of its uv.lock.
    LockExporter = Callable[[Path, Sequence[str], Sequence[str]], list[str]]

__all__ = [
    "REQUIREMENTS_FILE",
    "REQUIREMENTS_SOURCE",
    "UV_LOCK",
    "Requirements",
    "Source",
    "read_requirements",
]

REQUIREMENTS_FILE = "requirements.txt"
REQUIREMENTS_SOURCE = "requirements.in"
UV_LOCK = "uv.lock"


def read_requirements(
    directory: Path,
    project: Project,
    entrypoint: str,
    *,
    export_lock: LockExporter | None = None,
) -> Requirements:
    """Read the requirements of the module in `directory`; `export_lock` reads a uv.lock.

    Raises:
        ModuleEnvironmentError: they cannot be read (`REQUIREMENTS_INVALID`).
    """
    return _Sources(directory, project, entrypoint, export_lock).read()


def read_unlocked(directory: Path, project: Project, entrypoint: str) -> Requirements:
    """Read what a lock is made from: requirements.in, pyproject.toml or the script, past any lock.

    Raises:
        ModuleEnvironmentError: it cannot be read (`REQUIREMENTS_INVALID`).
    """
    return _Sources(directory, project, entrypoint, None, to_be_locked=True).read_unlocked()


class _Sources:
    """One look at a module's folder."""

    def __init__(
        self,
        directory: Path,
        project: Project,
        entrypoint: str,
        export_lock: LockExporter | None,
        *,
        to_be_locked: bool = False,
    ) -> None:
        self._directory = directory
        self._project = project
        self._entrypoint = entrypoint
        self._export_lock = export_lock
        # Whether the hashes may be some: the lock that is made of it has all of them.
        self._to_be_locked = to_be_locked
        # Files looked for so far.
        self._files: list[Path] = []

    def read(self) -> Requirements:
        for name, read in (
            (REQUIREMENTS_FILE, self._requirements_txt),
            (PYLOCK_FILE, self._pylock),
            (UV_LOCK, self._uv_lock),
            (REQUIREMENTS_SOURCE, self._requirements_in),
        ):
            path = self._directory / name
            self._files.append(path)
            if os.path.lexists(path):  # a link that leads nowhere is an error, not an absence
                return read(path)
        return self._declarations()

    def read_unlocked(self) -> Requirements:
        path = self._directory / REQUIREMENTS_SOURCE
        return self._requirements_in(path) if os.path.lexists(path) else self._declarations()

    def _declarations(self) -> Requirements:
        lines = self._project.dependencies.lines()
        if lines is not None:
            return self._declared("pyproject.toml", lines)
        return self._script()

    def _requirements_txt(self, path: Path) -> Requirements:
        return self._from_file("requirements.txt", path)

    def _requirements_in(self, path: Path) -> Requirements:
        return self._from_file("requirements.in", path)

    def _from_file(self, source: Source, path: Path) -> Requirements:
        found = read_requirements_file(path, self._directory)
        self._files += found.files
        header = read_lock_header(found.first_line)
        options = list(found.options)
        allowed = None
        if header is not None:
            if header.source.endswith(".py") and (metadata := self._metadata(header.source)):
                allowed = metadata.requires_python
            # A lock names no index; where its packages come from, its source says.
            written = self._source_of(self._directory / header.source)
            self._files += written.files
            options += written.options
        return self._found(
            source,
            found.lines,
            allowed=allowed,
            file=path,
            rewritten=tuple(found.flat) if found.must_be_rewritten else None,
            options=tuple(options),
            constraints=tuple(found.constraints),
        )

    def _source_of(self, source: Path) -> RequirementsFile:
        """Read what a lock was made from, as far as it is a requirements file and came along."""
        if source.name != REQUIREMENTS_SOURCE or not os.path.isfile(source):
            return RequirementsFile(files=[source])
        return read_requirements_file(source, self._directory)

    def _pylock(self, path: Path) -> Requirements:
        chosen = self._project.dependencies
        lock = PylockLines(path, chosen.extras, chosen.groups)
        locked = (line for line in lock.lines() if not is_own(line))
        lines = [parse_requirement_line(line, self._directory) for line in locked]
        options = tuple(line.text for line in lines if not line.asks)
        return self._found("pylock.toml", lines, options=options, allowed=lock.requires_python)

    def _uv_lock(self, path: Path) -> Requirements:
        if self._export_lock is None:
            raise ModuleEnvironmentError(
                REQUIREMENTS_INVALID,
                f'"{path}" can be read by uv alone, and there is no uv here.',
                hint="Install uv (https://docs.astral.sh/uv/), or write what it locks as "
                "requirements.txt: `uv export --frozen --no-emit-project -o requirements.txt`.",
            )
        chosen = self._project.dependencies
        exported = self._export_lock(self._directory, chosen.groups, chosen.extras)
        return self._found("uv.lock", self._parsed("\n".join(exported)))

    def _script(self) -> Requirements:
        self._files.append(self._directory / self._entrypoint)
        metadata = self._metadata(self._entrypoint)
        if metadata is None:
            return self._found("none", [])
        return self._declared("script", metadata.dependencies, metadata.requires_python)

    def _metadata(self, name: str) -> InlineMetadata | None:
        script = self._directory / name
        if not os.path.isfile(script):
            return None
        try:
            return inline_metadata(script.read_text("utf-8-sig", errors="replace"), name)
        except OSError as problem:
            raise _unreadable(script, problem) from problem

    def _declared(
        self, source: Source, lines: Iterable[str], allowed: str | None = None
    ) -> Requirements:
        """Take requirements out of a TOML list: each is one requirement (PEP 508), no option."""
        for line in lines:
            is_option, goes_on = line.lstrip().startswith("-"), line.endswith("\\")
            if is_option or goes_on or len(line.splitlines()) > 1:
                raise ModuleEnvironmentError(
                    REQUIREMENTS_INVALID,
                    f'The dependency "{line}" is not a requirement.',
                    hint='Each must read like "numpy>=2"; options such as --index-url belong into '
                    "requirements.in or the tools' own configuration.",
                )
        parsed = self._parsed("\n".join(lines))
        for requirement in parsed:
            refuse_build_option(requirement)
        return self._found(source, parsed, allowed=allowed)

    def _parsed(self, text: str) -> list[RequirementLine]:
        lines = (line for line in logical_lines(text) if not is_own(line))
        return [parse_requirement_line(line, self._directory) for line in lines]

    def _found(
        self,
        source: Source,
        lines: list[RequirementLine],
        *,
        allowed: str | None = None,
        **of_file: Any,
    ) -> Requirements:
        """Put together what a source says and which files it depends on."""
        local = local_files(lines)
        which_python = version_file_candidates(self._directory)
        files = [*self._files, self._directory / PROJECT_FILE, *which_python, *local]
        ranges = dict.fromkeys(filter(None, (self._project.requires_python, allowed)))
        return Requirements(
            source=source,
            lines=tuple(line.text for line in lines),
            inputs=tuple(read_input(self._directory, file) for file in dict.fromkeys(files)),
            local=tuple(read_input(self._directory, file) for file in local),
            is_locked=not self._to_be_locked and is_locked(lines),
            requires_python=",".join(ranges) or None,
            **of_file,
        )


def _unreadable(path: Path, problem: OSError) -> ModuleEnvironmentError:
    return ModuleEnvironmentError(
        REQUIREMENTS_INVALID,
        f'"{path}" cannot be read: {problem.strerror or problem}.',
        hint="Make the file readable for this user.",
    )
