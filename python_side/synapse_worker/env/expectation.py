"""What a module's environment has to be: the measure that `status` applies and `build` works towards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from .layout import VenvLayout

if TYPE_CHECKING:
    from pathlib import Path

    from .marker import RuntimeIdentity

# How the module is spoken to; "auto" takes whatever MessagePack library can be had.
Dialect = Literal["auto", "native", "raw"]


@dataclass(frozen=True)
class Expectation:
    """What the caller needs the environment to be."""

    directory: Path
    runtime: RuntimeIdentity
    python_request: str | None
    dialect: Dialect
    # Whether the module asks for an environment that it shares with others.
    share: bool = False
    # The folder that holds its `.venv`, where that is not its own.
    home: Path | None = None

    @property
    def venv(self) -> VenvLayout:
        """Where the environment stands."""
        return VenvLayout.of(self.home or self.directory)
