"""A folder for what tools throw away: theirs would be the system's, and a killed tool clears nothing.

It is named after the home whose lock the build holds, so the next build of that home finds and removes
what a killed one left; `synapse env clean --cache` removes the others. It stands in the cache, or where
the user says that temporary things belong.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from ..directory_lock import locked
from ..errors import ModuleEnvironmentError
from ..homes import NAME_DIGITS
from ..layout import cache_directory

if TYPE_CHECKING:
    from collections.abc import Iterator

# Tells ours from others in a folder that the user chose.
CHOSEN_SUFFIX = ".synapse"


@contextlib.contextmanager
def scratch_folder(home: Path) -> Iterator[Path | None]:
    """Yield an empty folder for the time of a build; None where none can be made."""
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


def scratch_folders() -> list[tuple[Path, str]]:
    """Return where such folders stand, and how their names end there; new ones in the last place."""
    places = [(cache_directory() / "tmp", "")]
    if chosen := os.environ.get("TMPDIR"):
        places.append((Path(os.path.abspath(chosen)), CHOSEN_SUFFIX))
    return places


def _make(home: Path) -> Path:
    name = hashlib.sha256(os.fsencode(home)).hexdigest()[:NAME_DIGITS]
    place, suffix = scratch_folders()[-1]
    folder = place / f"{name}{suffix}"
    shutil.rmtree(folder, ignore_errors=True)
    # Where others write too, one that is there all the same is somebody else's: this fails then.
    folder.mkdir(mode=0o700, parents=True)
    return folder
