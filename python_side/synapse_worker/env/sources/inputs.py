"""Identifies the files that an environment depends on: by size and hash, absent ones by absence."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Input:
    """A file the requirements were read from, or looked for in vain (`sha256` is None)."""

    path: str
    size: int | None
    sha256: str | None

    def to_json(self) -> dict[str, object]:
        """Return the marker's form of this input."""
        if self.sha256 is None:
            return {"path": self.path, "absent": True}
        return {"path": self.path, "size": self.size, "sha256": self.sha256}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Input:
        """Read the marker's form of an input."""
        if data.get("absent"):
            return cls(data["path"], None, None)
        return cls(data["path"], data["size"], data["sha256"])


def read_input(directory: Path, path: Path) -> Input:
    """Return the identity of one file, named relative to the module's folder.

    What is not a plain file (a pipe would be read for ever) counts as absent.
    """
    name = os.path.relpath(path, directory).replace(os.sep, "/")
    try:
        content = path.read_bytes() if os.path.isfile(path) else None
    except OSError:
        content = None
    if content is None:
        return Input(name, None, None)
    return Input(name, len(content), hashlib.sha256(content).hexdigest())


def input_is_unchanged(directory: Path, known: Input) -> bool:
    """Compare a file with its recorded identity; the size alone often settles it."""
    path = directory / known.path
    if known.sha256 is None:
        return read_input(directory, path).sha256 is None
    try:
        size = path.stat().st_size
    except (OSError, ValueError):
        return False
    return size == known.size and read_input(directory, path).sha256 == known.sha256
