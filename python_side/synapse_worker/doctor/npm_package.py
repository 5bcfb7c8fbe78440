"""The npm package that Node would find from a folder: the one whose builds a module there really gets."""

from __future__ import annotations

import os
from pathlib import Path

from ..env.runtime import MANIFEST_NAME

PACKAGE = "synapse-worker"


def npm_package_near(start: Path) -> Path | None:
    """Return the installed package nearest to a folder, as Node's resolution goes."""
    folder = Path(os.path.realpath(start))
    roots = (one / "node_modules" / PACKAGE for one in (folder, *folder.parents))
    return next((root for root in roots if os.path.exists(root)), None)


def runtime_for(directory: Path) -> Path | None:
    """Return the runtime folder that builds a module's environment; None where it is our own."""
    if os.environ.get("SYNAPSE_RUNTIME_DIR"):
        return None  # chosen, by npm's command or by the user
    root = npm_package_near(directory)
    if root is None or not os.path.isfile(root / "python" / MANIFEST_NAME):
        return None
    return root / "python"
