"""What a module asks for, whichever file says so: the value that the rest of this floor works with."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from .requirement_line import expanded

if TYPE_CHECKING:
    from pathlib import Path

    from .inputs import Input

Source = Literal[
    "requirements.txt",
    "pylock.toml",
    "uv.lock",
    "requirements.in",
    "pyproject.toml",
    "script",
    "none",
]


@dataclass(frozen=True)
class Requirements:
    """What a module asks for, and the files that say so."""

    source: Source
    # What is asked for, and the options for it; without the lines of constraint files.
    lines: tuple[str, ...]
    inputs: tuple[Input, ...]
    # The file to hand to the tools; None where the lines were read out of another format.
    file: Path | None = None
    # What to hand over instead of `file` where it asks for us, whom no index has to have.
    rewritten: tuple[str, ...] | None = None
    options: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    # Those of the inputs that belong to projects on this machine (`-e ./lib`).
    local: tuple[Input, ...] = ()
    # Everything is pinned and has its hashes: installed exactly as it stands.
    is_locked: bool = False
    # The range of Python versions that the module, its script or its lock allows.
    requires_python: str | None = None

    @property
    def is_empty(self) -> bool:
        """Say whether there is nothing to install."""
        return not any(
            not line.startswith("-") or line.startswith(("-e", "--editable", "-r", "--requirement"))
            for line in self.lines
        )

    @property
    def text(self) -> str:
        """All that is said: requirements, options, constraints; as written, and with its variables."""
        said = "\n".join((*self.lines, *self.options, *self.constraints))
        return f"{said}\n{expanded(said)}" if "${" in said else said

    @property
    def sha256(self) -> str:
        """Hash of what the tools would see; local projects by their files."""
        local = (f"{entry.path} {entry.sha256}" for entry in self.local)
        asked = (self.source, *self.lines, "-c", *self.constraints, *local)
        return hashlib.sha256("\n".join(asked).encode()).hexdigest()
