"""Start a worker, and say why where that cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synapse_worker.protocol.errors import SynapseError
from synapse_worker.supervisor.handle import WorkerHandle

if TYPE_CHECKING:
    from synapse_worker.supervisor.launch_spec import LaunchSpec
    from synapse_worker.supervisor.logs import LogListener


def open_worker(
    spec: LaunchSpec, *, on_log: LogListener | None = None, start_timeout_ms: float | None = None
) -> WorkerHandle:
    """Start a worker and wait until it is ready to be called.

    `on_log(source, line)` gets what it prints ("stdout", "stderr") and what it logs ("log").

    Raises:
        SynapseError: `MODULE_START_FAILED` and the like, with the worker's stderr in the details;
            `CALL_TIMEOUT` if it was not ready in time.
    """
    handle = WorkerHandle(spec, on_log)
    try:
        handle.wait_until_ready(start_timeout_ms)
    except BaseException as error:
        handle.kill()
        if isinstance(error, SynapseError) and isinstance(error.details, dict):
            # The report of the crash may have overtaken what the worker wrote before it.
            error.details["stderr"] = handle.stderr_tail
        raise
    return handle
