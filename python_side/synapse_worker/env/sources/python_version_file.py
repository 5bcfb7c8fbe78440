"""Reads `.python-version`, as pyenv and uv write it, of a module or of the repository around it.

Above the repository's root nothing is looked at: a file in `/tmp` or in the home folder says nothing
about the module, and whoever can write there must not choose what it runs on.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import INVALID_CONFIG, ModuleEnvironmentError

if TYPE_CHECKING:
    from pathlib import Path

VERSION_FILE = ".python-version"
_MAX_BYTES = 64 * 1024
_REPOSITORY_SIGNS = (".git", ".hg")
# uv's forms of a version, of which the implementation and the machine go without saying.
_LONG = re.compile(r"^(?:cpython[-@]?|cp)?(\d+(?:\.\d+){0,2})(?:-[a-z]\w*-\w+-\w+)?$")
# A version, a range, or the name of an environment that pyenv keeps; a path is none of these.
_REQUEST = re.compile(r"^(?:[A-Za-z0-9][A-Za-z0-9._+-]*|[<>=!~][<>=!~0-9.,*\s]*)$")


@dataclass(frozen=True)
class PythonVersionFile:
    """What a `.python-version` asks for."""

    path: Path
    request: str


def version_file_candidates(directory: Path) -> list[Path]:
    """Return where the file may be, nearest first: the module's folder, up to its repository's."""
    folders = []
    for folder in (directory, *directory.parents):
        folders.append(folder)
        if any(os.path.exists(folder / sign) for sign in _REPOSITORY_SIGNS):
            return [folder / VERSION_FILE for folder in folders]
    return [directory / VERSION_FILE]


def read_python_version(directory: Path) -> PythonVersionFile | None:
    """Return what the nearest `.python-version` asks for; None without one, and for "system".

    Raises:
        ModuleEnvironmentError: it holds no version (`INVALID_CONFIG`).
    """
    for path in version_file_candidates(directory):
        if not os.path.isfile(path):
            continue
        words = _words(path)
        if not words or words[0] == "system":
            return None
        request = _LONG.sub(r"\1", words[0])
        if not _REQUEST.match(request):
            raise _invalid(path, f'"{words[0]}" is neither a version nor a range of versions')
        return PythonVersionFile(path, request)
    return None


def _words(path: Path) -> list[str]:
    """Return the versions listed, without comments; the first is the one that counts."""
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_BYTES).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise _invalid(path, f"it cannot be read ({problem})") from problem
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [line for line in lines if line]


def _invalid(path: Path, problem: str) -> ModuleEnvironmentError:
    return ModuleEnvironmentError(
        INVALID_CONFIG,
        f'"{path}" is not usable: {problem}.',
        hint='Write a version in it, such as "3.12", or delete it.',
    )
