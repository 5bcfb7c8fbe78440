"""The front door to wheelhouses: all that a module's environment is built from, in one folder."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from .backends import choose_backend, export_lock
from .discovery.interpreters import find_interpreter
from .events import discard
from .layout import VenvLayout
from .locking.download import Downloads
from .locking.resolution import Resolver
from .locking.source import LockSource, refuse_stale_lock
from .locking.wheelhouse import WheelhouseWriter
from .request import read_module
from .sources.recognition import refuse_no_module
from .sources.requirements import read_requirements
from .workshop import workshop

if TYPE_CHECKING:
    from collections.abc import Callable

    from .backends import Toolbox
    from .discovery.interpreters import Interpreter
    from .events import EventSink
    from .locking.wheelhouse import Wheelhouse
    from .request import EnvironmentRequest
    from .sources.requirements import Requirements
    from .tools.toolrun import ToolRunner


def export_wheelhouse(
    request: EnvironmentRequest,
    target: Path,
    on_event: EventSink = discard,
    *,
    on_runner: Callable[[ToolRunner], None] = lambda _runner: None,
) -> Wheelhouse:
    """Fill a folder from which `synapse env sync --offline --find-links` builds the module's environment.

    What is locked is fetched as it is locked; what is not is resolved now, near to what the environment has.

    Raises:
        ModuleEnvironmentError: something cannot be had; an earlier export then stands as it was.
    """
    target = Path(os.path.abspath(target))
    directory, project, entrypoint = read_module(request)
    refuse_no_module(directory, entrypoint)
    with workshop(request, directory, on_event, on_runner) as toolbox:
        refuse_stale_lock(directory, project, entrypoint)
        requirements = read_requirements(
            directory, project, entrypoint, export_lock=partial(export_lock, toolbox.runner)
        )
        toolbox.runner.hide(requirements.text)
        base = find_interpreter(
            request.python or project.python, requirements.requires_python, directory
        )
        lines = pinned_lines(requirements, request, toolbox, base)
        downloads = Downloads(toolbox, base)
        return WheelhouseWriter(toolbox, base, downloads, requirements.options).write(lines, target)


def pinned_lines(
    requirements: Requirements, request: EnvironmentRequest, toolbox: Toolbox, base: Interpreter
) -> tuple[str, ...]:
    """Return the requirements with exact versions and hashes: as locked, or resolved now.

    Versions that the module's environment has are kept where they fit.

    Raises:
        ModuleEnvironmentError: they cannot be locked as they are (`REQUIREMENTS_INVALID`).
        ToolError: the resolution failed.
    """
    if requirements.is_locked or requirements.is_empty:
        return requirements.lines
    backend = choose_backend(request.backend, toolbox, base)
    lockfile = VenvLayout.of(toolbox.directory).lockfile
    known = lockfile.read_text(encoding="utf-8") if lockfile.is_file() else ""
    source = LockSource(requirements, requirements.source, requirements.sha256)
    entries = Resolver(backend, toolbox, base).entries(source, known=known)
    return tuple(
        " ".join((entry.text, *(f"--hash={h}" for h in entry.hashes))) for entry in entries
    )
