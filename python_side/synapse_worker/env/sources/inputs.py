"""Identifies the files that an environment depends on: by size and hash, absent ones by absence."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from ..marker import Input

if TYPE_CHECKING:
    from pathlib import Path


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
