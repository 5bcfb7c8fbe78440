"""Asks a built environment what it is: the caller's side of `examine.py`."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import BUILD_FAILED, ModuleEnvironmentError, unwritable
from ..tools.tool_settings import tool_environment
from ..tools.toolrun import ToolError

if TYPE_CHECKING:
    from ..layout import VenvLayout
    from ..tools.toolrun import ToolRunner

_SCRIPT = Path(__file__).with_name("examine.py")
# The one line of `examine.py` that is for us.
FINDINGS_PREFIX = "synapse-findings "
_DISK_FULL = os.strerror(errno.ENOSPC)


@dataclass(frozen=True)
class Findings:
    """What an environment said about itself; versions are None for what cannot be imported."""

    version: str
    base: str
    purelib: str
    msgspec: str | None
    private_msgspec: str | None
    msgpack: str | None

    @property
    def version_info(self) -> tuple[int, ...]:
        """The interpreter's version as numbers."""
        return tuple(int(part) for part in self.version.split("."))


def examine(venv: VenvLayout, runner: ToolRunner, *, compile_runtime: bool = False) -> Findings:
    """Run the examination inside the environment.

    It writes compiled files, so it runs as the tools do: should the build be killed, it goes too.

    Raises:
        ModuleEnvironmentError: its interpreter does not run (`BUILD_FAILED`).
    """
    options = ["compile"] if compile_runtime else []
    command = [str(venv.python), "-I", str(_SCRIPT), str(venv.codec), *options]
    lines: list[str] = []
    try:
        lines = runner.run(
            "Examining the environment", command, env=tool_environment(), report="failed"
        )
        # A package's .pth file may print as well.
        (found,) = (line for line in lines if line.startswith(FINDINGS_PREFIX))
        return Findings(**json.loads(found.removeprefix(FINDINGS_PREFIX)))
    except (ToolError, ValueError, TypeError) as problem:
        if isinstance(problem, ToolError):
            lines = list(problem.lines)
        if any(_DISK_FULL in line for line in lines):
            full = OSError(errno.ENOSPC, _DISK_FULL)
            raise unwritable(venv.root, full) from problem
        raise ModuleEnvironmentError(
            BUILD_FAILED,
            f'The interpreter of the environment, "{venv.python}", does not run.',
            hint=f'Delete "{venv.root}" and let it be built again.',
            lines=lines,
            log_path=runner.saved_log(),
            cause=problem,
        ) from problem
