"""The front door to locks: write a module's requirements.txt, or say whether it is up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .backends import FOREIGN_LOCK, choose_backend, needs_uv
from .discovery.interpreters import find_interpreter
from .events import discard
from .locking.resolution import RENEWAL, Resolver
from .locking.source import adopt_requirements, lockable_source, stale_lock
from .locking.write import write_lock
from .request import read_module
from .sources.requirements import REQUIREMENTS_FILE
from .workshop import workshop

if TYPE_CHECKING:
    from collections.abc import Callable

    from .events import EventSink
    from .locking.resolution import LockOptions
    from .locking.write import LockResult
    from .request import EnvironmentRequest
    from .tools.toolrun import ToolRunner


def lock_environment(
    request: EnvironmentRequest,
    options: LockOptions = RENEWAL,
    on_event: EventSink = discard,
    *,
    init: bool = False,
    on_runner: Callable[[ToolRunner], None] = lambda _runner: None,
) -> LockResult:
    """Lock what a module asks for in its requirements.txt.

    `init` first renames a requirements.txt that the user wrote to requirements.in.

    Raises:
        ModuleEnvironmentError: it cannot be locked; the old lock then stands as it was.
    """
    if options.platform is not None and request.backend == "virtualenv":
        raise needs_uv(FOREIGN_LOCK, is_chosen=False)
    directory, project, entrypoint = read_module(request)
    with workshop(request, directory, on_event, on_runner) as toolbox:
        if init:
            adopt_requirements(directory)
        source = lockable_source(directory, project, entrypoint)
        toolbox.runner.hide(source.requirements.text)
        allowed = source.requirements.requires_python
        base = find_interpreter(request.python or project.python, allowed, directory)
        # Only uv knows other platforms than its own.
        is_foreign = options.platform is not None and request.backend == "auto"
        backend = (
            choose_backend("uv", toolbox, base, for_what=FOREIGN_LOCK)
            if is_foreign
            else choose_backend(request.backend, toolbox, base)
        )
        return write_lock(source, Resolver(backend, toolbox, base, options))


def lock_problem(request: EnvironmentRequest) -> str | None:
    """Say why a module's lock does not hold what its source asks for; None where it does.

    It asks no index: newer versions are no problem.

    Raises:
        ModuleEnvironmentError: there is nothing that a lock could be made from (`REQUIREMENTS_INVALID`).
    """
    directory, project, entrypoint = read_module(request)
    source = lockable_source(directory, project, entrypoint)
    if not (directory / REQUIREMENTS_FILE).exists():
        return f"There is no lock of {source.file} yet."
    return stale_lock(directory, project, entrypoint)
