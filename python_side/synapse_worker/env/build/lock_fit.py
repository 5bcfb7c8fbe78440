"""Says whether a lock was made for this Python and this machine, in the words of its first line."""

from __future__ import annotations

import re
import sysconfig
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..layout import VenvLayout
    from ..sources.lock_header import LockHeader

_VERSION = re.compile(r"^version(?:_info)?\s*=\s*(\d+)\.(\d+)", re.MULTILINE)


def current_platform() -> str:
    """Return this machine's platform, for instance `linux-x86_64`."""
    return sysconfig.get_platform()


def misfit_of(header: LockHeader, venv: VenvLayout) -> str | None:
    """Say what a lock was made for if that is not this environment; None where it fits."""
    try:
        found = _VERSION.search((venv.root / "pyvenv.cfg").read_text(encoding="utf-8"))
    except OSError:
        return None
    if found is None:
        return None
    return misfit(header, (int(found[1]), int(found[2])), current_platform())


def misfit(header: LockHeader, version: tuple[int, ...], platform: str) -> str | None:
    """Say what a lock was made for if that is not this Python and platform; None where it fits."""
    numbers = tuple(int(part) for part in header.python.rstrip("+").split(".") if part.isdigit())
    fits = version[:2] >= numbers if header.python.endswith("+") else version[:2] == numbers
    if not fits or not _is_platform(header.platform, platform):
        here = ".".join(map(str, version[:2]))
        return (
            f"The lock was made for Python {header.python}, {header.platform}; this is Python {here}, "
            f"{platform}. `synapse env lock` makes one for it."
        )
    return None


def _is_platform(locked: str, platform: str) -> bool:
    """Compare our own names, and uv's by the system they begin with or name."""
    if locked in {"any platform", platform}:
        return True
    system = platform.partition("-")[0].replace("macosx", "macos").replace("win32", "windows")
    if locked == system:
        return True
    machine = platform.rpartition("-")[2].replace("arm64", "aarch64")
    names = {"macos": "apple-darwin", "windows": "windows", "linux": "linux"}
    return locked.startswith(machine) and names.get(system, system) in locked
