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

from ..errors import REQUIREMENTS_INVALID, ModuleEnvironmentError
from .own_requirement import is_own

# pip's rule: a comment starts at the line's start or after white space.
_COMMENT = re.compile(r"(^|\s+)#.*$")
_INCLUDE = re.compile(r"^(?:-r|-c|--requirement|--constraint)(?:\s+|=|(?=[^-\s]))(?P<path>.+)$")
_INDEX_OPTION = re.compile(
    r"^(?P<name>-i|-f|--index-url|--extra-index-url|--find-links|--no-index|--trusted-host|--pre"
    r"|--prefer-binary|--no-binary|--only-binary)(?:(?:\s+|=|(?<=-[if])(?=\S))(?P<value>.+))?$"
)
# Deeper or wider than any real project; a bound against a loop through links.
_MAX_FILES = 200


@dataclass
class RequirementsFile:
    """One requirements file together with everything it includes."""

    files: list[Path] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    # The same as one file, for any folder to stand in: includes replaced by what they hold.
    flat: list[str] = field(default_factory=list)
    # Our own name was among the requirements; it is left out of `lines` and `flat`.
    names_us: bool = False

    @property
    def is_hash_locked(self) -> bool:
        """Say whether the author already locked it: such a file is installed as it stands."""
        return any("--hash=" in line for line in self.lines) or "--require-hashes" in self.lines

    @property
    def requirements(self) -> list[str]:
        """The lines that ask for something, without options."""
        return [line for line in self.lines if not line.startswith("-") or line.startswith("-e")]


def read_requirements_file(path: Path) -> RequirementsFile:
    """Read a requirements file and, once each, the files it includes.

    Raises:
        ModuleEnvironmentError: a file is missing or unreadable (`REQUIREMENTS_INVALID`).
    """
    found = RequirementsFile()
    _read(path, found, named_in=None)
    return found


def _read(
    path: Path, found: RequirementsFile, named_in: Path | None, *, constrains: bool = False
) -> None:
    if path in found.files:
        return
    if len(found.files) >= _MAX_FILES:
        raise _invalid(f"more than {_MAX_FILES} requirements files include each other")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        origin = f', which "{named_in.name}" includes,' if named_in else ""
        reason = getattr(problem, "strerror", None) or str(problem)
        raise _invalid(f'"{path}"{origin} cannot be read ({reason})') from problem
    found.files.append(path)
    for line in logical_lines(text):
        include = _INCLUDE.match(line)
        if include and "://" not in include.group("path"):
            name = include.group("path").strip().strip("\"'")
            target = Path(os.path.normpath(path.parent / name))
            only_constrains = line.startswith(("-c", "--constraint"))
            if only_constrains and not constrains:
                found.flat.append(f"-c {shlex.quote(str(target))}")
            _read(target, found, named_in=path, constrains=constrains or only_constrains)
            continue
        if is_own(line):
            found.names_us = True
            continue
        found.lines.append(line)
        option = _INDEX_OPTION.match(line)
        if option:
            found.options.append(_absolute_option(option, line, path.parent))
        if not constrains:
            found.flat.append(found.options[-1] if option else line)


def logical_lines(text: str) -> list[str]:
    r"""Return the lines that count: `\` joined, comments and blank ones gone."""
    joined = re.sub(r"\\\r?\n", " ", text)
    lines = (_COMMENT.sub("", line).strip() for line in joined.splitlines())
    return [re.sub(r"\s+", " ", line) for line in lines if line]


def _absolute_option(option: re.Match[str], line: str, folder: Path) -> str:
    """Return an option that means the same from any folder (`--find-links ./wheels`)."""
    name, value = option.group("name"), (option.group("value") or "").strip()
    if name in {"-f", "--find-links"} and "://" not in value and (folder / value).exists():
        return f"--find-links {folder / value}"
    return line


def _invalid(problem: str) -> ModuleEnvironmentError:
    return ModuleEnvironmentError(
        REQUIREMENTS_INVALID,
        f"The requirements cannot be read: {problem}.",
        hint="Create the file, or correct the `-r`/`-c` line that names it "
        "(paths are relative to the file they stand in).",
    )
