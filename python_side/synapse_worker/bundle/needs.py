"""Finds out the oldest glibc that the installed packages can run with: their wheels' tags say it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_TAG = re.compile(r"^Tag: *\S+?-\S+?-(\S+)$", re.MULTILINE)
_MANYLINUX = re.compile(r"^manylinux_(\d+)_(\d+)_")
# PEP 513, 571 and 599, before the tags said it themselves.
_BY_YEAR = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}
_NOTHING_COMPILED = (2, 5)


def oldest_glibc(venv: Path, built_with: str | None) -> str | None:
    """Return the oldest glibc that will do; None where packages were built with another libc.

    `built_with` is the glibc of this machine: packages that were compiled here need no older one.
    """
    if built_with is None:
        return None
    here = tuple(int(part) for part in built_with.split(".")[:2])
    needed = [
        _needed((folder / "WHEEL").read_text(encoding="utf-8", errors="replace"), here)
        for folder in venv.rglob("*.dist-info")
        if (folder / "WHEEL").is_file()
    ]
    return ".".join(map(str, max(needed, default=_NOTHING_COMPILED)))


def _needed(wheel: str, here: tuple[int, ...]) -> tuple[int, ...]:
    """Return what one package needs: of several tags, the most tolerant one holds."""
    found: list[tuple[int, ...]] = []
    for platforms in _TAG.findall(wheel):
        for platform in platforms.split("."):
            tagged = _MANYLINUX.match(platform)
            if tagged:
                found.append((int(tagged[1]), int(tagged[2])))
            else:
                year = platform.partition("_")[0]
                found.append(_NOTHING_COMPILED if platform == "any" else _BY_YEAR.get(year, here))
    return min(found, default=here)
