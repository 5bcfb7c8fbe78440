"""Looks at every distribution of a finished environment: is what was installed all there?

What is broken is said and does not stop the build: a user's own environment may hold leftovers that
harm nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from ..events import Reporter


def verify_distributions(purelib: Path, reporter: Reporter) -> None:
    """Read the metadata of each distribution in a folder, and count them."""
    found = sorted(purelib.glob("*.dist-info"))
    reporter.progress("verify", 0, len(found))
    for done, folder in enumerate(found, start=1):
        name = folder.name.partition("-")[0]
        if not _has_metadata(folder):
            reporter.warning(
                f"{name} is only half there: {folder.name} has no readable metadata. `synapse env "
                "rebuild` makes the environment anew."
            )
        reporter.progress("verify", done, len(found), package=name)


def _has_metadata(folder: Path) -> bool:
    try:
        with (folder / "METADATA").open("rb") as file:
            return bool(file.read(1))
    except OSError:
        return False
