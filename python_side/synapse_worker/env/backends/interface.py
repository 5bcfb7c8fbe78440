"""What a backend must be able to do. It decides nothing: which step runs when is the builder's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ..directory_lock import LOCK_TIMEOUT_S
from .fetching import EVERYTHING, Fetching

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
    fetching: Fetching = EVERYTHING
    # For every lock that is waited for on the way.
    lock_timeout_s: float = LOCK_TIMEOUT_S


@dataclass(frozen=True)
class Resolution:
    """Requirements to resolve into exact versions."""

    # The interpreter that the versions are for.
    python: Path
    source: Path
    # The result. Versions that stand in it already are kept where they still fit.
    lockfile: Path
    with_hashes: bool = False
    # Names whose versions are not kept.
    upgraded: tuple[str, ...] = ()
    # Index options with credentials, which do not stand in `source`.
    secrets: tuple[str, ...] = ()
    # None: the machine at hand. "universal", or a platform in uv's words; uv alone can do it.
    platform: str | None = None


@dataclass(frozen=True)
class Installation:
    """A requirements file to install; what it does not name stays as it is."""

    requirements: Path
    # Refuse every file whose hash is not in the requirements.
    check_hashes: bool = False
    # Install what is named and nothing else.
    alone: bool = False
    # Index options with credentials, which do not stand in `requirements`.
    secrets: tuple[str, ...] = ()


class Backend(Protocol):
    """Creates environments and puts packages into them.

    Every method raises `ToolError` when its tool fails.
    """

    name: str

    def create(self, venv: Path, interpreter: Interpreter) -> None:
        """Make an empty environment in a folder that already exists (it holds the marker)."""

    def resolve(self, resolution: Resolution, on_line: LineSink) -> None:
        """Resolve requirements into exact versions."""

    def install(self, python: Path, installation: Installation, on_line: LineSink) -> None:
        """Install a requirements file."""

    def uninstall(self, python: Path, names: Sequence[str]) -> None:
        """Remove distributions by name."""

    def install_into(
        self, python: Path, target: Path, arguments: Sequence[str], on_line: LineSink
    ) -> None:
        """Install requirement arguments without dependencies into a folder of their own."""
