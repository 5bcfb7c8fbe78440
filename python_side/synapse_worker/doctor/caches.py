"""What builds that were cut short have left behind, in the cache and beside modules."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..env.errors import ModuleEnvironmentError
from ..env.layout import DISCARDED_NAME, STAGING_NAME, cache_directory
from .finding import info
from .folder_lock import builder_in
from .homes import homes_of

if TYPE_CHECKING:
    from pathlib import Path

    from .finding import Findings
    from .request import DoctorRequest


def examine_caches(request: DoctorRequest) -> Findings:
    """Find half-made folders of ours in the cache that nobody is making any more."""
    del request
    try:
        cache = cache_directory()
    except ModuleEnvironmentError:
        return  # the check of the storage says it
    for home, pattern in (("tools", "*.new"), ("runtime", ".unpacking-*")):
        folder = cache / home
        if not folder.is_dir() or builder_in(folder):
            continue
        left = sorted(str(path) for path in folder.glob(pattern))
        if left:
            yield info(
                "caches.leftovers",
                f"{len(left)} half-made folder{'s' if len(left) > 1 else ''} lie in {folder}.",
                f"rm -rf {' '.join(left)}",
                paths=left,
            )


def examine_staging(directory: Path) -> Findings:
    """Find what a killed build of one module has left beside it; the next build takes it away."""
    homes = homes_of(directory)
    if builder_in(homes[0]):
        return
    left = [
        str(home / name)
        for home in homes
        for name in (STAGING_NAME, DISCARDED_NAME)
        if os.path.lexists(home / name)
    ]
    if left:
        yield info(
            "module.leftovers",
            f"A build that was cut short left {' and '.join(left)}; the next one takes it away.",
            f"synapse env sync {directory}",
            paths=left,
        )
