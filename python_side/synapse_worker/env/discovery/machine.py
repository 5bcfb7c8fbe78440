"""What discovery asks of the machine it runs on: its platform, variables, home and commands.

A parameter instead of the real thing, because Windows and macOS are tested on fakes.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Machine:
    """One computer as a process sees it."""

    platform: str = sys.platform
    variables: Mapping[str, str] = field(default_factory=lambda: os.environ)
    # The interpreter that runs this; None where it is not known (embedded).
    running: str | None = field(default_factory=lambda: sys.executable or None)
    # Where absolute folders of the system begin (`/opt/homebrew`).
    root: Path = Path("/")

    @property
    def is_windows(self) -> bool:
        """Say whether its commands end in `.exe`."""
        return self.platform == "win32"

    @property
    def is_here(self) -> bool:
        """Say whether the interpreter that it runs is the one that runs this."""
        return self.running == sys.executable

    @property
    def home(self) -> Path:
        """The user's home folder."""
        name = "USERPROFILE" if self.is_windows else "HOME"
        chosen = self.variables.get(name)
        return Path(chosen) if chosen else Path.home()

    def folder(self, variable: str, otherwise: Path) -> Path:
        """Return the folder that a variable names, or the usual one."""
        chosen = self.variables.get(variable)
        return Path(chosen) if chosen else otherwise

    def which(self, command: str) -> str | None:
        """Return the path of a command, as a shell would find it."""
        return shutil.which(os.path.expanduser(command), path=self.variables.get("PATH", ""))

    def python_in(self, prefix: Path) -> Path:
        """Return where an installation, or an environment of conda, has its interpreter."""
        return prefix / "python.exe" if self.is_windows else prefix / "bin" / "python"

    def python_of_venv(self, venv: Path) -> Path:
        """Return where a virtual environment has its interpreter."""
        return venv / "Scripts" / "python.exe" if self.is_windows else venv / "bin" / "python"
