"""A folder for what tools throw away: theirs would be the system's, and a killed tool clears nothing.

It is named after the home whose lock the build holds, so the next build of that home finds and removes
what a killed one left; `synapse env clean --cache` removes the others.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from typing import TYPE_CHECKING

from ..directory_lock import locked
from ..errors import ModuleEnvironmentError
from ..homes import NAME_DIGITS
from ..layout import cache_directory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCRATCH_NAME = "tmp"


@contextlib.contextmanager
def scratch_folder(home: Path) -> Iterator[Path | None]:
    """Yield an empty folder for the time of a build; None where the user chose one, or none can be."""
    if os.environ.get("TMPDIR"):
        yield None
        return
    with contextlib.ExitStack() as stack:
        try:
            folder = _make(home)
            # For who cleans up meanwhile.
            stack.enter_context(locked(folder, timeout_s=0.0))
        except (OSError, ModuleEnvironmentError):
            folder = None
        if folder is not None:
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
        yield folder


def _make(home: Path) -> Path:
    name = hashlib.sha256(os.fsencode(home)).hexdigest()[:NAME_DIGITS]
    folder = cache_directory() / SCRATCH_NAME / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    return folder
