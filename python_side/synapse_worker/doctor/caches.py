"""What builds that were cut short have left behind, in the cache and beside modules."""

from __future__ import annotations

import os
from glob import glob
from typing import TYPE_CHECKING

from ..env.errors import ModuleEnvironmentError
from ..env.layout import DISCARDED_NAME, STAGING_NAME, cache_directory
from .finding import command, info
from .folder_lock import builder_in
from .homes import homes_of

if TYPE_CHECKING:
    from pathlib import Path

    from .finding import Findings
    from .request import DoctorRequest

# Where in the cache, and the names of what is on its way there or out: env/backends/toolset.py, the
# unpacking of js/src/node/env/runtime.ts, env/cleaning.py.
_LEFT = (
    ("tools", "*.new"),
    ("runtime", ".unpacking-*"),
    *((home, "*.removed") for home in ("tools", "environments", "shared")),
)


def examine_caches(request: DoctorRequest) -> Findings:
    """Find half-made folders of ours in the cache that nobody is making any more."""
    del request
    try:
        cache = cache_directory()
    except ModuleEnvironmentError:
        return  # the check of the storage says it
    for home, pattern in _LEFT:
        folder = cache / home
        if builder_in(folder):
            continue
        found = [folder / name for name in sorted(glob(pattern, root_dir=folder))]
        left = [str(path) for path in found if not builder_in(path)]
        if left:
            yield info(
                "caches.leftovers",
                f"Half-made or half-deleted, in {folder}: {', '.join(map(os.path.basename, left))}.",
                command("rm", "-rf", *left),
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
            command("synapse", "env", "sync", directory),
            paths=left,
        )
