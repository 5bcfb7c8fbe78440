"""Say why a native module could not be started: to people on stderr, to the parent as an error map."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from synapse_worker.protocol.errors import SynapseError, error_to_wire
from synapse_worker.worker.tracebacks import trim_chain, user_location

if TYPE_CHECKING:
    from synapse_worker.worker.config import WorkerConfig


def report_start_failure(config: WorkerConfig, error: BaseException) -> dict[str, Any]:
    """Print what the import, a preload or a setup raised; return it as a `MODULE_START_FAILED` map."""
    if isinstance(error, SynapseError) and error.code == "MODULE_START_FAILED":
        sys.stderr.write(f"synapse: {error.message}\n")
        failure: dict[str, Any] = error_to_wire(error)
    else:
        trim_chain(error)
        cause = error_to_wire(error)
        reason = f"{type(error).__name__}: {cause['message']}"
        message = f"{config.entrypoint} could not be started: {reason}"
        place = user_location(error, config.directory)
        failure = error_to_wire(SynapseError("MODULE_START_FAILED", message, details=place))
        failure.update(traceback=cause["traceback"], cause=cause)
        sys.excepthook(type(error), error, error.__traceback__)
    sys.stderr.flush()
    return failure
