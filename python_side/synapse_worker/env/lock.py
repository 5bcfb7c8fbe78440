"""The front door to locks: write a module's requirements.txt, or a folder of wheels for a machine without network."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from .backends import Toolbox, choose_backend, explained, needs_uv
from .directory_lock import locked
from .discovery.interpreters import find_interpreter
from .events import Reporter, discard
from .locking.source import adopt_requirements, lockable_source, stale_lock
from .locking.write import LockOptions, write_lock
from .runtime import load_runtime
from .sources.project import read_project, with_suffix
from .tools.diagnosis import diagnose
from .tools.toolrun import ToolError, ToolRunner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .events import EventSink
    from .locking.write import LockResult
    from .sources.project import Project
    from .sync import EnvironmentRequest


def lock_environment(
    request: EnvironmentRequest,
    options: LockOptions = LockOptions(),
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
        raise needs_uv("A lock for another platform")
    directory, project, entrypoint = _module(request)
    with _workshop(request, directory, on_event, on_runner) as toolbox:
        if init:
            adopt_requirements(directory)
        source = lockable_source(directory, project, entrypoint)
        base = find_interpreter(request.python or project.python)
        # Only uv knows other platforms than its own.
        is_foreign = options.platform is not None and request.backend == "auto"
        backend = choose_backend("uv" if is_foreign else request.backend, toolbox, base)
        return write_lock(source, backend, toolbox, base, options)


def lock_problem(request: EnvironmentRequest) -> str | None:
    """Say why a module's lock does not hold what its source asks for; None where it does.

    It asks no index: newer versions are no problem.

    Raises:
        ModuleEnvironmentError: there is nothing that a lock could be made from (`REQUIREMENTS_INVALID`).
    """
    directory, project, entrypoint = _module(request)
    source = lockable_source(directory, project, entrypoint)
    if not (directory / "requirements.txt").exists():
        return f"There is no lock of {source.file} yet."
    return stale_lock(directory, project, entrypoint)


def _module(request: EnvironmentRequest) -> tuple[Path, Project, str]:
    directory = Path(os.path.realpath(request.directory))
    project = read_project(directory)
    entrypoint = with_suffix(request.entrypoint) if request.entrypoint else project.entrypoint
    return directory, project, entrypoint


@contextlib.contextmanager
def _workshop(
    request: EnvironmentRequest,
    directory: Path,
    on_event: EventSink,
    on_runner: Callable[[ToolRunner], None],
) -> Iterator[Toolbox]:
    """Yield what the tools need, under the folder's lock; their failures get their names here."""
    reporter = Reporter(on_event)
    with locked(
        directory,
        timeout_s=request.lock_timeout_s,
        on_wait=lambda who: reporter.phase("lock", f"Waiting for {who}, which works on it"),
    ) as lock_fd:
        runner = ToolRunner(cwd=directory, lock_fds=(lock_fd,), log_path=None, reporter=reporter)
        on_runner(runner)
        runtime = load_runtime(request.runtime_folder)
        try:
            yield Toolbox(directory, runner, reporter, runtime, request.fetching)
        except ToolError as failed:
            raise explained(diagnose(failed), request.fetching) from failed
