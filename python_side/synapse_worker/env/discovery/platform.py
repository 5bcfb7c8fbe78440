"""What compiled packages were made for, and whether an interpreter is that.

The patch release of Python may differ, and the glibc may be newer; everything else must be equal.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import BUILD_FAILED, ModuleEnvironmentError
from .asking import ask_command
from .interpreter import last_json

if TYPE_CHECKING:
    from pathlib import Path

# A cold interpreter from a network drive.
_PROBE_TIMEOUT_S = 20.0
_PROBE = """
import json, os, platform, sys, sysconfig
try:
    glibc = os.confstr("CS_GNU_LIBC_VERSION").split()[-1]
except (AttributeError, OSError, ValueError):
    glibc = None
print(json.dumps({
    "implementation": sys.implementation.name,
    "version": "%d.%d" % sys.version_info[:2],
    "abi": sysconfig.get_config_var("SOABI") or sys.implementation.cache_tag,
    "system": sys.platform,
    "machine": platform.machine(),
    "glibc": glibc,
}))
"""


@dataclass(frozen=True)
class Platform:
    """An interpreter's side of compatibility with compiled packages."""

    implementation: str
    # Major and minor: `3.11`.
    version: str
    # The tag in the names of extension modules: `cpython-311-x86_64-linux-gnu`.
    abi: str
    system: str
    machine: str
    # The glibc that is there; of a carried environment the oldest that will do. None: another libc.
    glibc: str | None

    def __str__(self) -> str:
        """Return it as a sentence has it: `CPython 3.11 on linux x86_64 (glibc 2.17)`."""
        name = "CPython" if self.implementation == "cpython" else self.implementation
        text = f"{name} {self.version} on {self.system} {self.machine}"
        return text if self.system != "linux" else f"{text} ({self._libc()})"

    def _libc(self) -> str:
        return f"glibc {self.glibc}" if self.glibc else "another libc than glibc"

    def takes(self, needed: Platform) -> bool:
        """Say whether packages that need the other platform can run on this one."""
        mine, other = self._identity(), needed._identity()
        if mine != other or (self.glibc is None) != (needed.glibc is None):
            return False
        return _numbers(self.glibc) >= _numbers(needed.glibc)

    def _identity(self) -> tuple[str, ...]:
        return (self.implementation, self.version, self.abi, self.system, self.machine)


def probe_platform(python: Path) -> Platform:
    """Ask an interpreter what it is.

    Raises:
        ModuleEnvironmentError: it does not run (`BUILD_FAILED`).
    """
    try:
        # -I: neither the user's PYTHON* variables nor the current folder can change the answer.
        done = ask_command([str(python), "-I", "-c", _PROBE], _PROBE_TIMEOUT_S)
        return Platform(**last_json(done.stdout))
    except (OSError, ValueError, TypeError, subprocess.TimeoutExpired) as problem:
        raise ModuleEnvironmentError(
            BUILD_FAILED,
            f'"{python}" does not run as a Python.',
            hint="Give another with the `python` option or $SYNAPSE_PYTHON.",
            cause=problem,
        ) from problem


def _numbers(version: str | None) -> tuple[int, ...]:
    return tuple(int(part) for part in (version or "").split(".") if part.isdigit())
