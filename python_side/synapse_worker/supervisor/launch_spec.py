"""What to start: an interpreter, its launch script, and the module it should serve."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

OUR_LAUNCH_SCRIPT = os.path.join(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "worker", "launch.py"
)


@dataclass(frozen=True)
class LaunchSpec:
    """A worker process to be. `python` and `script` come from the environment's marker."""

    python: str
    directory: str
    entrypoint: str = "main.py"
    script: str = OUR_LAUNCH_SCRIPT
    dialect: str = "auto"
    channel: str = "auto"
    name: str | None = None
    max_frame_bytes: int | None = None
    environ: Mapping[str, str] | None = None
    # Import the module to be asked for its schema: no setup hook runs.
    describe: bool = False
    # What the kernel holds the process to: see `worker/resource_limits.py` for the names.
    resource_limits: Mapping[str, int] | None = None

    def command(self) -> list[str]:
        """Return the command line."""
        limits = {} if self.max_frame_bytes is None else {"max_frame_bytes": self.max_frame_bytes}
        config = {
            "directory": os.path.realpath(self.directory),
            "entrypoint": self.entrypoint,
            "dialect": self.dialect,
            "channel": self.channel,
            "limits": limits,
            "name": self.name,
            "describe": self.describe,
            "resource_limits": dict(self.resource_limits or {}),
        }
        return [self.python, self.script, json.dumps(config)]
