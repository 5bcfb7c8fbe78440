"""Reads requirements.txt as far as a build must know it: includes, index options, hashes.

The lines themselves are pip's and uv's business. We follow `-r` and `-c` to know which files the
environment depends on, and keep the index options for the installation from the lock.
"""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import REQUIREMENTS_INVALID, ModuleEnvironmentError
from .build_option import refuse_build_option
from .logical_lines import decode_requirements, logical_lines
from .own_requirement import is_own
from .requirement_line import (
    RequirementLine,
    expanded,
    for_all_tools,
    local_path,
    parse_requirement_line,
    portable,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

_INDEX_OPTION = re.compile(
    r"^(?P<name>-i|-f|--index-url|--extra-index-url|--find-links|--no-index|--trusted-host|--pre"
    r"|--prefer-binary|--no-binary|--only-binary)(?:(?:\s+|=|(?<=^-[if])(?=\S))(?P<value>.+))?$"
)
_INDEX_OPTION_START = re.compile(r"\s+(?=--?[A-Za-z])")
# What an include on another machine begins with: the tools fetch it.
_REMOTE = re.compile(r"^(?!file:)[A-Za-z][A-Za-z0-9+.-]+://", re.IGNORECASE)
# Deeper or wider than any real project; a bound against a loop through links.
_MAX_FILES = 200
# A thousand packages with all their hashes are 2 MB.
_MAX_BYTES = 16 * 1024 * 1024


@dataclass
class RequirementsFile:
    """One requirements file together with everything it includes."""

    files: list[Path] = field(default_factory=list)
    # What is asked for and under which options, from all files.
    lines: list[RequirementLine] = field(default_factory=list)
    # What files included by `-c` say: it limits versions and asks for nothing.
    constraints: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    # The same as one file, for any folder to stand in: includes replaced by what they hold.
    flat: list[str] = field(default_factory=list)
    # The tools must get `flat`: our own name was among the requirements (it is left out of `lines`
    # and `flat`), a file includes itself, or they differ about its encoding or its quotes.
    must_be_rewritten: bool = False
    # Of the file that was asked for: locks say there what they are.
    first_line: str = ""


def is_locked(lines: Sequence[RequirementLine]) -> bool:
    """Say whether the author locked it: all is pinned with hashes, or says itself where it is.

    Raises:
        ModuleEnvironmentError: some of it has hashes and some has none (`REQUIREMENTS_INVALID`).
    """
    asked = [line for line in lines if line.asks]
    if not any(line.demands_hashes or line.text == "--require-hashes" for line in lines):
        return False
    loose = [line.text for line in asked if not _is_exact(line)]
    if loose:
        some = ", ".join(f'"{text}"' for text in loose[:3])
        raise _invalid(
            f"some requirements have hashes, but {some}{' and others' if loose[3:] else ''} "
            "can be any file: with hashes, each must be pinned (==) and have its own",
            "Add `--hash` and an exact version to all of them, or take the hashes out; "
            "`synapse env lock` makes such a file.",
        )
    return True


def read_requirements_file(path: Path, directory: Path | None = None) -> RequirementsFile:
    """Read a requirements file and, once each, the files it includes.

    `directory` is where the tools will run (the file's own folder by default).

    Raises:
        ModuleEnvironmentError: a file is missing or unreadable, or a line has an option that not all
            tools know (`REQUIREMENTS_INVALID`).
    """
    reader = _Reader(directory or path.parent)
    reader.read(path)
    return reader.found


class _Reader:
    """Walks from file to file."""

    def __init__(self, directory: Path) -> None:
        self.found = RequirementsFile()
        self._directory = directory
        # Real path, and whether it was read as constraints: a file may be both.
        self._seen: set[tuple[str, bool]] = set()
        self._open: list[str] = []

    def read(self, path: Path, named_in: Path | None = None, *, constrains: bool = False) -> None:
        """Read one file and what it includes."""
        real = os.path.realpath(path)
        if real in self._open:
            self.found.must_be_rewritten = True  # pip refuses such a loop
        if (real, constrains) in self._seen:
            return
        if len(self._seen) >= _MAX_FILES:
            raise _invalid(f"more than {_MAX_FILES} requirements files include each other")
        text, is_plain = _text(path, named_in)
        if not self._seen:
            self.found.first_line = text.partition("\n")[0]
        self._seen.add((real, constrains))
        self.found.must_be_rewritten |= not is_plain
        if path not in self.found.files:
            self.found.files.append(path)
        self._open.append(real)
        for line in logical_lines(text):
            self._take(line, path, constrains=constrains)
        self._open.pop()

    def _take(self, text: str, path: Path, *, constrains: bool) -> None:
        line = parse_requirement_line(text, self._directory)
        included = expanded(line.target or "") if line.kind == "include" else ""
        if included and not _REMOTE.match(included):
            target = _included(included, path.parent)
            only_constrains = text.startswith(("-c", "--constraint"))
            if only_constrains and not constrains:
                self.found.flat.append(f"-c {shlex.quote(str(target))}")
            self.read(target, path, constrains=constrains or only_constrains)
        elif is_own(text):
            self.found.must_be_rewritten = True
        elif line.kind == "option":
            self._take_options(text, path.parent, constrains=constrains)
        else:
            self._take_requirement(line, constrains=constrains)

    def _take_requirement(self, line: RequirementLine, *, constrains: bool) -> None:
        refuse_build_option(line)
        if constrains:
            self.found.constraints.append(line.text)
            return
        understood = portable(line)
        said = for_all_tools(understood)
        self.found.must_be_rewritten |= said != line.text
        self.found.lines.append(understood)
        self.found.flat.append(said)

    def _take_options(self, text: str, folder: Path, *, constrains: bool) -> None:
        """Keep the options of a line; pip allows several on one."""
        options = _INDEX_OPTION_START.split(text)
        for part in options if all(map(_INDEX_OPTION.match, options)) else [text]:
            self.found.lines.append(RequirementLine(part, "option"))
            option = _INDEX_OPTION.match(part)
            if option:
                self.found.options.append(_absolute_option(option, part, folder))
            if not constrains:
                self.found.flat.append(self.found.options[-1] if option else part)


def _included(target: str, folder: Path) -> Path:
    """Return the file that an include names: by a path, which may hold brackets, or a `file:` URL."""
    if target.lower().startswith("file:"):
        return local_path(target, folder)
    return Path(os.path.normpath(folder / target))


def _is_exact(line: RequirementLine) -> bool:
    if line.kind in {"local", "vcs"}:
        return True
    return bool(line.hashes) and (line.is_pinned or line.kind == "url")


def _text(path: Path, named_in: Path | None) -> tuple[str, bool]:
    origin = f', which "{named_in.name}" includes,' if named_in else ""
    try:
        if os.path.isdir(path):
            raise ValueError("it is a folder")
        if os.path.exists(path) and not os.path.isfile(path):
            raise ValueError("it is not a plain file")
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
        if len(content) > _MAX_BYTES:
            raise ValueError(f"it is larger than {_MAX_BYTES // 1024**2} MiB")
        return decode_requirements(content)
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise _invalid(f'"{path}"{origin} cannot be read ({reason})') from problem


def _absolute_option(option: re.Match[str], line: str, folder: Path) -> str:
    """Return an option that means the same from any folder (`--find-links ./wheels`)."""
    name, value = option.group("name"), (option.group("value") or "").strip().strip("\"'")
    if name in {"-f", "--find-links"} and "://" not in value and os.path.exists(folder / value):
        return f"--find-links {shlex.quote(str(folder / value))}"
    return line


def _invalid(problem: str, hint: str | None = None) -> ModuleEnvironmentError:
    return ModuleEnvironmentError(
        REQUIREMENTS_INVALID,
        f"The requirements cannot be read: {problem}.",
        hint=hint
        or "Create the file, or correct the `-r`/`-c` line that names it "
        "(paths are relative to the file they stand in).",
    )
