"""What `lock` and `export` work in: the module as it says it is, and tools under its folder's lock."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from .backends import Toolbox, explained
from .build.cache_use import cache_in_use
from .build.scratch import scratch_folder
from .directory_lock import locked
from .errors import AS_ITS_OWNER, unwritable
from .events import Reporter
from .request import refuse_odd_links
from .runtime import load_runtime
from .tools.diagnosis import diagnose
from .tools.toolrun import ToolError, ToolRunner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .events import EventSink
    from .request import EnvironmentRequest


@contextlib.contextmanager
def workshop(
    request: EnvironmentRequest,
    directory: Path,
    on_event: EventSink,
    on_runner: Callable[[ToolRunner], None],
) -> Iterator[Toolbox]:
    """Yield what the tools need, under the folder's lock; their failures get their names here.

    Raises:
        ModuleEnvironmentError: a tool failed, the folder stayed locked, or a folder of wheels is none.
    """
    refuse_odd_links(request)
    reporter = Reporter(on_event, module=directory.name)
    with locked(
        directory,
        timeout_s=request.lock_timeout_s,
        on_wait=lambda who: reporter.phase("lock", f"Waiting for {who}, which works on it"),
    ) as lock_fd:
        runner = ToolRunner(cwd=directory, log_path=None, reporter=reporter)
        on_runner(runner)
        runtime = load_runtime(request.runtime_folder)
        try:
            with (
                runner.also_holding(lock_fd),
                cache_in_use(runner, reporter, request.lock_timeout_s),
                scratch_folder(directory) as runner.temporary,
            ):
                yield Toolbox(
                    directory, runner, reporter, runtime, request.fetching, request.lock_timeout_s
                )
        except ToolError as failed:
            error = diagnose(failed, log_path=runner.saved_log())
            raise explained(error, request.fetching) from failed
        except BrokenPipeError:
            raise  # whoever watched the events has gone
        except OSError as problem:
            path = Path(problem.filename or directory)
            raise unwritable(path, problem, AS_ITS_OWNER) from problem
