"""Asks a built environment what it is: the caller's side of `examine.py`."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import BUILD_FAILED, ModuleEnvironmentError
from .redaction import redact
from .tool_settings import tool_environment

if TYPE_CHECKING:
    from .layout import VenvLayout

_SCRIPT = Path(__file__).with_name("examine.py")
# Importing two codecs and compiling our package takes well under a second; disks can be slow.
_TIMEOUT_S = 60.0


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


def examine(venv: VenvLayout, *, compile_runtime: bool = False) -> Findings:
    """Run the examination inside the environment.

    Raises:
        ModuleEnvironmentError: its interpreter does not run (`BUILD_FAILED`).
    """
    options = ["compile"] if compile_runtime else []
    try:
        done = subprocess.run(
            [str(venv.python), "-I", str(_SCRIPT), str(venv.codec), *options],
            env=tool_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=True,
        )
        # A package's .pth file may print: ours is the last line.
        return Findings(**json.loads(done.stdout.splitlines()[-1]))
    except (OSError, ValueError, IndexError, TypeError, subprocess.SubprocessError) as problem:
        lines = redact(str(getattr(problem, "stderr", "") or problem)).splitlines()
        raise ModuleEnvironmentError(
            BUILD_FAILED,
            f'The interpreter of the environment, "{venv.python}", does not run.',
            hint=f'Delete "{venv.root}" and let it be built again.',
            lines=lines[-20:],
            cause=problem,
        ) from problem
