"""Whether a module's environment can be started from, as an examination sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from synapse_worker.worker.dialect import DialectUndecidedError, decide_dialect

from ..env import EnvironmentRequest, Status, status_of
from ..env.errors import ModuleEnvironmentError
from ..env.sources.plain_file import read_plain
from ..env.sources.project import read_project
from .asked_for import requirements_of
from .npm_package import runtime_for

if TYPE_CHECKING:
    from pathlib import Path


def module_status(directory: Path) -> Status:
    """Return the state of a module's environment, as `connect()` would find it.

    Where a module has no requirements file, its entrypoint could carry them: an edit of it that leaves
    them as they are is settled by the next start without any tool, and counts as ready here.

    Raises:
        ModuleEnvironmentError: the folder, its settings or its requirements cannot be read.
    """
    project = read_project(directory)
    request = EnvironmentRequest(
        directory,
        dialect=dialect_of(directory / project.entrypoint),
        runtime_folder=runtime_for(directory),
    )
    status = status_of(request)
    if status.aspects != {"inputs"} or status.marker is None:
        return status
    asked = requirements_of(directory, project)
    return (
        Status(status.marker, ()) if asked.sha256 == status.marker.requirements_sha256 else status
    )


def is_ready(directory: Path) -> bool:
    """Say whether workers can be started; what cannot be read is not ready."""
    try:
        return module_status(directory).is_ready
    except ModuleEnvironmentError:
        return False


def dialect_of(entrypoint: Path) -> Literal["auto", "raw"]:
    """Return what decides whether the environment needs a codec."""
    try:
        dialect = decide_dialect(read_plain(entrypoint), entrypoint.name)
    except (OSError, SyntaxError, DialectUndecidedError):
        return "auto"  # the check of the module says it
    return "raw" if dialect == "raw" else "auto"
