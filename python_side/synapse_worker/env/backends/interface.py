"""What a backend must be able to do. It decides nothing: which step runs when is the builder's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..discovery.interpreters import Interpreter
    from ..events import Reporter
    from ..runtime import Runtime
    from ..tools.toolrun import LineSink, ToolRunner


@dataclass(frozen=True)
class Toolbox:
    """What every backend works with."""

    directory: Path
    runner: ToolRunner
    reporter: Reporter
    runtime: Runtime


class Backend(Protocol):
    """Creates environments and puts packages into them.

    Every method raises `ToolError` when its tool fails.
    """

    name: str

    def create(self, venv: Path, interpreter: Interpreter) -> None:
        """Make an empty environment in a folder that already exists (it holds the marker)."""

    def resolve(self, python: Path, source: Path, lockfile: Path, on_line: LineSink) -> None:
        """Resolve requirements for the environment's interpreter into exact versions.

        Versions that stand in `lockfile` already are kept where they still fit.
        """

    def install(self, python: Path, requirements: Path, on_line: LineSink) -> None:
        """Install a requirements file; what it does not name stays as it is."""

    def uninstall(self, python: Path, names: Sequence[str]) -> None:
        """Remove distributions by name."""

    def install_into(self, python: Path, target: Path, arguments: Sequence[str]) -> None:
        """Install requirement arguments without dependencies into a folder of their own."""
