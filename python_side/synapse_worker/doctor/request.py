"""What is to be examined, and what the npm package said of itself."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Set by Node (js/src/node/env/node-facts.ts) for `synapse doctor` alone.
NODE_FACTS = "SYNAPSE_NODE_FACTS"


@dataclass(frozen=True)
class NodeFacts:
    """The Node that started us, and the npm package that it started us from."""

    version: str
    path: str
    package_version: str
    package_root: Path

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> NodeFacts | None:
        """Read what Node passed on; None when Python was started directly."""
        try:
            said = json.loads(environ.get(NODE_FACTS, ""))
            return cls(
                str(said["version"]),
                str(said["path"]),
                str(said["packageVersion"]),
                Path(said["packageRoot"]),
            )
        except (ValueError, KeyError, TypeError):
            return None


@dataclass(frozen=True)
class DoctorRequest:
    """Which modules, and how far to go."""

    directories: tuple[Path, ...] = ()
    # Ask no package index.
    offline: bool = False
    # Import the modules, too: their code runs.
    start: bool = False
    node: NodeFacts | None = None
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
