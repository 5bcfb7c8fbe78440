"""Say why a native module could not be started: to people on stderr, to the parent as an error map."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from synapse_worker.protocol.errors import SynapseError, error_to_wire
from synapse_worker.worker.missing_import import missing_import_hint
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
        failure = error_to_wire(
            SynapseError("MODULE_START_FAILED", message, details=start_details(config, error))
        )
        failure.update(traceback=cause["traceback"], cause=cause)
        sys.excepthook(type(error), error, error.__traceback__)
    sys.stderr.flush()
    return failure


def start_details(config: WorkerConfig, error: BaseException) -> dict[str, Any] | None:
    """Return the place in the module's code that `error` is about, and what to do, as far as both are known."""
    details = user_location(error, config.directory) or {}
    hint = missing_import_hint(error, config.directory, config.entrypoint)
    if hint is not None:
        details["hint"] = hint
    return details or None
