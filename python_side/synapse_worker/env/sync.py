"""The front door of this floor: make a module's environment ready, or say whether it is."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from .backends import Toolbox, export_lock
from .build.builder import Builder, Plan
from .build.cache_use import cache_in_use
from .build.folder import EnvironmentFolder
from .build.scratch import scratch_folder
from .build.sharing import SharingBuilder
from .directory_lock import locked
from .errors import BUILD_FAILED, ModuleEnvironmentError
from .events import Reporter, discard
from .expectation import Expectation
from .homes import make_home
from .locking.source import refuse_stale_lock, stale_lock
from .relocation.binding import AGAIN, bind, is_carried
from .request import EnvironmentRequest, read_module, refuse_odd_links
from .runtime import load_runtime
from .sources.recognition import refuse_no_module
from .sources.requirements import read_requirements
from .status import Finding, Status, environment_status, find_environment
from .tools.toolrun import ToolRunner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .events import EventSink
    from .marker import Marker
    from .runtime import Runtime
    from .sources.project import Project


def status_of(request: EnvironmentRequest) -> Status:
    """Return the state of a module's environment, without changing anything.

    Raises:
        ModuleEnvironmentError: the folder or its configuration cannot be read, or it is no module
            (`INVALID_CONFIG`); it is not ready, and its requirements cannot be read (`REQUIREMENTS_INVALID`).
    """
    project, expected, _ = prepare(request)
    status = find_environment(expected)[1]
    if status.is_ready:
        return status  # a stale lock is not built from, so there is none
    entrypoint = project.chosen_entrypoint(request.entrypoint)
    if not is_carried(expected.directory, status):
        refuse_odd_links(request)
        refuse_no_module(expected.directory, entrypoint)
    reason = stale_lock(expected.directory, project, entrypoint)
    if reason is not None:
        return status.with_finding(Finding("lock", reason))
    if not is_carried(expected.directory, status):
        # What a sync would refuse, it does not make ready; what uv locked is uv's to judge.
        read_requirements(expected.directory, project, entrypoint, export_lock=lambda *_module: [])
    return status


def sync_environment(
    request: EnvironmentRequest,
    on_event: EventSink = discard,
    *,
    on_runner: Callable[[ToolRunner], None] = lambda _runner: None,
    rebuild: bool = False,
) -> Marker:
    """Make a module's environment ready and return its marker; a ready one is left alone.

    `on_runner` receives the runner of the tools before the first starts: its `stop()` ends a build.
    With `rebuild` it is made anew also when it is ready, if it is one that Synapse made.

    Raises:
        ModuleEnvironmentError: it cannot be built; never leaves an environment that looks ready.
    """
    project, expected, runtime = prepare(request)
    expected, status = find_environment(expected)
    if status.is_ready and status.marker is not None and not rebuild:
        return status.marker
    reporter = Reporter(on_event, module=expected.directory.name)
    if is_carried(expected.directory, status):
        if rebuild:
            raise _refusal(expected, "is part of a bundle", AGAIN)
        return bind(replace(expected, home=None), reporter, request.lock_timeout_s)
    refuse_odd_links(request)
    refuse_no_module(expected.directory, project.chosen_entrypoint(request.entrypoint))
    with _held(expected, reporter, request.lock_timeout_s) as lock_fd:
        status = environment_status(expected)
        if rebuild:
            status = _refuse_rebuild(expected, status).asked_to_rebuild()
        elif status.is_ready and status.marker is not None:
            return status.marker  # the one we waited for built it
        runner = ToolRunner(
            cwd=expected.directory,
            log_path=expected.venv.log,
            reporter=reporter,
        )
        on_runner(runner)
        toolbox = Toolbox(
            expected.directory, runner, reporter, runtime, request.fetching, request.lock_timeout_s
        )
        builder = SharingBuilder if expected.share else Builder
        home = expected.venv.root.parent
        with (
            runner.also_holding(lock_fd),
            cache_in_use(runner, reporter, request.lock_timeout_s),
            scratch_folder(home) as runner.temporary,
        ):
            plan = _plan(request, project, expected, runner)
            runner.hide(plan.requirements.text)
            return builder(plan, toolbox).build(status)


@contextlib.contextmanager
def _held(expected: Expectation, reporter: Reporter, timeout_s: float) -> Iterator[int]:
    """Hold the lock of the folder that the environment stands in; make that where it is in the cache."""
    if expected.home is not None:
        make_home(expected.home)
    with locked(
        expected.home or expected.directory,
        timeout_s=timeout_s,
        on_wait=lambda who: reporter.phase("lock", f"Waiting for {who}, which builds it"),
    ) as lock_fd:
        yield lock_fd


def _plan(
    request: EnvironmentRequest, project: Project, expected: Expectation, runner: ToolRunner
) -> Plan:
    """Read what is to be built; a lock that is out of date is not built from."""
    directory = expected.directory
    entrypoint = project.chosen_entrypoint(request.entrypoint)
    refuse_stale_lock(directory, project, entrypoint)
    requirements = read_requirements(
        directory, project, entrypoint, export_lock=partial(export_lock, runner)
    )
    return Plan(expected, requirements, request.backend)


def _refuse_rebuild(expected: Expectation, status: Status) -> Status:
    """Return the status of an environment that may be made anew; nobody else's is."""
    marker, root = status.marker, expected.venv.root
    is_free = EnvironmentFolder(root.parent, expected.directory).is_free()
    if (marker is None and not is_free) or (marker is not None and not marker.owned):
        hint = "Make it again as you made it, or delete it; Synapse then makes its own."
        raise _refusal(expected, "was not made by Synapse", hint)
    return status


def _refusal(expected: Expectation, reason: str, hint: str) -> ModuleEnvironmentError:
    return ModuleEnvironmentError(BUILD_FAILED, f'"{expected.venv.root}" {reason}.', hint=hint)


def prepare(request: EnvironmentRequest) -> tuple[Project, Expectation, Runtime]:
    """Read what a request is about: the module's settings, what it needs, what is put into it.

    Raises:
        ModuleEnvironmentError: the folder or its configuration cannot be read (`INVALID_CONFIG`).
    """
    directory, project, _ = read_module(request)
    runtime = load_runtime(request.runtime_folder)
    expected = Expectation(
        directory,
        runtime.identity,
        request.python or project.python,
        request.dialect,
        share=project.share_environment if request.share is None else request.share,
    )
    return project, expected, runtime
