"""What `lock` and `export` work in: the module as it says it is, and tools under its folder's lock."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from .backends import Toolbox, explained
from .directory_lock import locked
from .errors import INVALID_CONFIG, ModuleEnvironmentError, unwritable
from .events import Reporter
from .runtime import load_runtime
from .sources.project import read_project, with_suffix
from .tools.diagnosis import diagnose
from .tools.toolrun import ToolError, ToolRunner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .events import EventSink
    from .sources.project import Project
    from .sync import EnvironmentRequest


def read_module(request: EnvironmentRequest) -> tuple[Path, Project, str]:
    """Return a module's folder, what it says about itself, and its entrypoint's name.

    Raises:
        ModuleEnvironmentError: the folder or its configuration cannot be read (`INVALID_CONFIG`).
    """
    directory = Path(os.path.realpath(request.directory))
    if not directory.is_dir():
        raise ModuleEnvironmentError(
            INVALID_CONFIG,
            f'Directory "{request.directory}" does not exist.',
            hint="Give the folder of the Python module; `synapse init DIR` makes one.",
        )
    project = read_project(directory)
    entrypoint = with_suffix(request.entrypoint) if request.entrypoint else project.entrypoint
    return directory, project, entrypoint


@contextlib.contextmanager
def workshop(
    request: EnvironmentRequest,
    directory: Path,
    on_event: EventSink,
    on_runner: Callable[[ToolRunner], None],
) -> Iterator[Toolbox]:
    """Yield what the tools need, under the folder's lock; their failures get their names here.

    Raises:
        ModuleEnvironmentError: a tool failed, or the folder stayed locked.
    """
    reporter = Reporter(on_event, module=directory.name)
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
            error = diagnose(failed, log_path=runner.saved_log())
            raise explained(error, request.fetching) from failed
        except BrokenPipeError:
            raise  # whoever watched the events has gone
        except OSError as problem:
            raise unwritable(Path(problem.filename or directory), problem) from problem
