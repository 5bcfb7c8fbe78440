"""What a module asks for, read for an examination: a file that cannot be read asks for nothing here.

The check of the module's own sources says why it cannot be read; the others need not.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..env.backends import export_lock
from ..env.errors import ModuleEnvironmentError
from ..env.sources.project import read_project
from ..env.sources.requirement_line import parse_requirement_line
from ..env.sources.requirements import read_requirements
from ..env.tools.toolrun import ToolRunner

if TYPE_CHECKING:
    from pathlib import Path

    from ..env.sources.project import Project
    from ..env.sources.requirement_line import RequirementLine
    from ..env.sources.requirements import Requirements


def requirements_of(directory: Path, project: Project) -> Requirements:
    """Return what a build of the module would install.

    Raises:
        ModuleEnvironmentError: it cannot be read (`REQUIREMENTS_INVALID`).
    """
    export = partial(export_lock, ToolRunner(cwd=directory))
    return read_requirements(directory, project, project.entrypoint, export_lock=export)


def readable_requirements(directory: Path) -> Requirements | None:
    """Return what a build would install, or None where it cannot be read."""
    try:
        return requirements_of(directory, read_project(directory))
    except ModuleEnvironmentError:
        return None


def requirement_lines(directory: Path) -> list[RequirementLine]:
    """Return the requirements of a module one by one."""
    found = readable_requirements(directory)
    return [parse_requirement_line(line, directory) for line in (found.lines if found else ())]
