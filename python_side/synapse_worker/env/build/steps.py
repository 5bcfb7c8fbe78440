"""Parts a lock into the two steps of an installation, and knows what each leaves behind.

Packages of an index, and archives whose hash is known, come first and are held to their hashes. What has
none follows without: `-e`, folders, repositories. Their dependencies stand in the lock, so the second step
installs what it names and nothing else.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

from ..sources.own_requirement import OWN_NAME, normalized_name
from ..sources.requirement_line import for_all_tools, parse_requirement_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from ..layout import VenvLayout
    from ..sources.requirement_line import RequirementLine

_REVISION = re.compile(r"@[^@/]+$")


@dataclass(frozen=True)
class Steps:
    """The requirements of one lock."""

    packages: tuple[RequirementLine, ...]
    local: tuple[RequirementLine, ...]

    @property
    def has_hashes(self) -> bool:
        """Say whether the first step is held to hashes: all have some, or one in an address stands alone."""
        return bool(self.packages) and all(line.hashes for line in self.packages)

    @property
    def count(self) -> int:
        """How many packages there are."""
        return len(self.packages) + len(self.local)

    def others(self, venv: VenvLayout) -> list[str]:
        """Return the names of installed distributions that the lock does not name; never ours."""
        lines = (*self.packages, *self.local)
        names = {OWN_NAME, *(line.name for line in lines)}
        origins = {_origin(line) for line in lines if line.target is not None}
        return sorted(
            name
            for name, origin in _installed(venv)
            if name not in names and (origin is None or origin not in origins)
        )


def split_lock(lines: Iterable[str], directory: Path) -> Steps:
    """Part the lines of a lock; its options are not requirements and stay out."""
    written = (parse_requirement_line(line, directory) for line in lines)
    parsed = [parse_requirement_line(for_all_tools(line), directory) for line in written]
    asked = [line for line in parsed if line.kind not in {"option", "include"}]
    packages = tuple(line for line in asked if _is_package(line))
    return Steps(packages, tuple(line for line in asked if not _is_package(line)))


def _is_package(line: RequirementLine) -> bool:
    return line.kind == "index" or (line.kind != "vcs" and bool(line.hashes))


def _installed(venv: VenvLayout) -> Iterator[tuple[str, str | None]]:
    """Yield each installed distribution with where it came from, if not from an index (PEP 610)."""
    for folder in venv.root.glob("lib/python*/site-packages/*.dist-info"):
        try:
            data = json.loads((folder / "direct_url.json").read_text(encoding="utf-8"))
            origin = _address(str(data["url"]))
        except (OSError, ValueError, KeyError, TypeError):
            origin = None
        yield normalized_name(folder.name.partition("-")[0]), origin


def _origin(line: RequirementLine) -> str:
    """Return where a line's package comes from, in the form of `_installed`."""
    if line.path is not None:
        return os.path.realpath(line.path)
    target = re.sub(r"^(?:git|hg|svn|bzr)\+", "", line.address).partition("#")[0]
    return _address(_REVISION.sub("", target) if line.kind == "vcs" else target)


def _address(url: str) -> str:
    """Return a URL without credentials and fragment, of a file its real path."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return os.path.realpath(unquote(parts.path))
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment=""))
