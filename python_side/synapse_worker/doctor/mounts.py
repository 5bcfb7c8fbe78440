"""Which file system a folder lies on (Linux: /proc/self/mounts; elsewhere nobody says)."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

_MOUNTS = Path("/proc/self/mounts")
_OCTAL = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True)
class Mount:
    """Where a file system is mounted and of what kind it is."""

    point: Path
    kind: str


def mount_of(folder: Path, mounts: Path = _MOUNTS) -> Mount | None:
    """Return the mount that holds a folder, or None where that is not known."""
    try:
        rows = [line.split(" ") for line in mounts.read_text(errors="replace").splitlines()]
    except OSError:
        return None
    real = Path(os.path.realpath(folder))
    found = [
        Mount(Path(_OCTAL.sub(lambda code: chr(int(code[1], 8)), row[1])), row[2])
        for row in rows
        if len(row) > 2
    ]
    holding = [mount for mount in found if real.is_relative_to(mount.point)]
    # The last of equally deep ones lies over the others.
    return max(reversed(holding), key=lambda mount: len(mount.point.parts), default=None)
