"""Where a module's environment may stand: beside it, or at its home in the cache."""

from __future__ import annotations

import os
from pathlib import Path

from ..env.errors import ModuleEnvironmentError
from ..env.homes import cached_home


def homes_of(directory: Path) -> list[Path]:
    """Return the module's real folder, and its home in the cache where this user has a cache."""
    module = Path(os.path.realpath(directory))
    try:
        return [module, cached_home(module)]
    except ModuleEnvironmentError:
        return [module]  # the check of the storage says why
