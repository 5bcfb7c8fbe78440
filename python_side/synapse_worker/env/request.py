"""What is asked of this floor: which module, and how its environment is wanted."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .backends import Fetching
from .directory_lock import LOCK_TIMEOUT_S
from .errors import INVALID_CONFIG, ModuleEnvironmentError
from .sources.project import read_project
from .sources.recognition import refuse_odd_entrypoint

if TYPE_CHECKING:
    from .backends.choice import BackendName
    from .expectation import Dialect
    from .sources.project import Project

# A path has lost one of its slashes already. It may hold a password: it is not repeated.
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")


@dataclass(frozen=True)
class EnvironmentRequest:
    """Which module, and what it needs; None means: as the module's pyproject.toml says."""

    directory: Path
    python: str | None = None
    backend: BackendName = "auto"
    dialect: Dialect = "auto"
    entrypoint: str | None = None
    share: bool | None = None
    runtime_folder: Path | None = None
    lock_timeout_s: float = LOCK_TIMEOUT_S
    offline: bool = False
    no_build: bool = False
    find_links: tuple[Path, ...] = ()

    @property
    def fetching(self) -> Fetching:
        """What may be fetched; relative folders are those of the caller."""
        links = tuple(Path(os.path.abspath(folder)) for folder in self.find_links)
        return Fetching(self.offline, self.no_build, links)


def read_module(request: EnvironmentRequest) -> tuple[Path, Project, str]:
    """Return a module's folder, what it says about itself, and its entrypoint's name.

    Raises:
        ModuleEnvironmentError: the folder or its configuration cannot be read, or its entrypoint is no file
            (`INVALID_CONFIG`).
    """
    directory = Path(os.path.realpath(request.directory))
    if not directory.is_dir():
        raise ModuleEnvironmentError(
            INVALID_CONFIG,
            f'Directory "{request.directory}" does not exist.',
            hint="Give the folder of the Python module; `synapse init DIR` makes one.",
        )
    project = read_project(directory)
    entrypoint = project.chosen_entrypoint(request.entrypoint)
    refuse_odd_entrypoint(directory, entrypoint)
    return directory, project, entrypoint


def refuse_odd_links(request: EnvironmentRequest) -> None:
    """Refuse folders of wheels that are none; who has no use for them does not ask.

    Raises:
        ModuleEnvironmentError: one is an address, or is not there (`INVALID_CONFIG`).
    """
    if any(_ADDRESS.match(str(folder)) for folder in request.find_links):
        raise ModuleEnvironmentError(
            INVALID_CONFIG,
            "--find-links was given an address: it takes folders of this machine.",
            hint="Write the address into the requirements (`--find-links https://…`) or into "
            "PIP_FIND_LINKS.",
        )
    for folder in request.find_links:
        if not os.path.isdir(folder):  # no matter whether it may be looked at
            raise ModuleEnvironmentError(
                INVALID_CONFIG,
                f'--find-links was given "{folder}", which is no folder.',
                hint="Give a folder of wheels, for instance one that `synapse env export` wrote.",
            )
