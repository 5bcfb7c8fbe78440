"""Turn a fresh interpreter into a worker: descriptors, guards, channel, dialect, then the module."""

from __future__ import annotations

import sys

from synapse_worker.worker.channel import (
    CONTROL_FD,
    DATA_FD,
    LIFE_FD,
    ChannelOffer,
    ParentGoneError,
)
from synapse_worker.worker.config import WorkerConfig
from synapse_worker.worker.control import Control
from synapse_worker.worker.dialect import DialectUndecidedError, decide_dialect
from synapse_worker.worker.life import guard
from synapse_worker.worker.private_descriptors import out_of_reach
from synapse_worker.worker.stack_dump import StackDump

TYPE_CHECKING = False  # importing typing costs 9 ms of a cold start
if TYPE_CHECKING:
    from typing import NoReturn

# The module could not be started at all; 1 is what an uncaught exception gives.
EXIT_NOT_STARTED = 1


def boot(config_json: str) -> None:
    """Run the worker process that CONFIG_JSON describes, to its end.

    Raises:
        SystemExit: with the status the process should end with.
    """
    data_fd, control_fd, life_fd = map(out_of_reach, (DATA_FD, CONTROL_FD, LIFE_FD))
    guard(life_fd)
    dump = StackDump()
    control = Control(control_fd)
    try:
        config = WorkerConfig.from_json(config_json)
        ledger = None
        if config.dialect != "raw":  # which has no ids to write down
            from synapse_worker.worker.call_ledger import CallLedger

            ledger = CallLedger()
        offer = ChannelOffer(control, data_fd, life_fd, config.channel, dump, ledger)
        dialect = _dialect(config)
    except Exception as error:
        fail(control, error)
    prepare_ahead(dialect, config.script)
    try:
        channel = offer.accept()
    except ParentGoneError:
        sys.exit(EXIT_NOT_STARTED)
    if config.resource_limits:
        apply_limits(config, control)
    if dialect == "raw":
        from synapse_worker.worker.raw.launcher import run_raw

        run_raw(config, channel, control)
    elif dialect == "native":
        from synapse_worker.worker.native import run_native

        run_native(config, channel, control)
    else:
        from synapse_worker.worker.undecided import run_undecided

        try:
            run_undecided(config, channel, control)
        except DialectUndecidedError as error:
            fail(control, error)


def _dialect(config: WorkerConfig) -> str:
    """Return "native", "raw", or "auto" where only running the entrypoint can tell."""
    if config.describe:
        return "native"  # only such a module has something to describe
    if config.dialect != "auto":
        return config.dialect
    with open(config.script, "rb") as file:
        source = file.read()
    try:
        return decide_dialect(source, config.entrypoint)
    except SyntaxError as error:
        error.filename = config.script
        raise
    except DialectUndecidedError:
        # Without capture there is nothing to tell a read of the channel by.
        return "raw" if config.channel == "stdio" else "auto"


def prepare_ahead(dialect: str, script: str) -> None:
    """Import what comes next while the parent opens its ends, which takes it some milliseconds, and compile a raw script."""
    try:
        if dialect == "raw":
            import synapse_worker.worker.raw.launcher  # noqa: F401
            from synapse_worker.worker.raw.script import compile_ahead

            compile_ahead(script)
        elif dialect == "native":
            from synapse_worker.worker.native import import_serving

            import_serving()
    except ImportError:
        pass  # it is met again where there are words for it


def apply_limits(config: WorkerConfig, control: Control) -> None:
    """Hold the process to its limits: before the module, and after what of ours needs high descriptors."""
    from synapse_worker.worker.resource_limits import apply_resource_limits

    try:
        apply_resource_limits(config.resource_limits)
    except OSError as error:
        fail(control, ValueError(str(error)))


def fail(control: Control, error: Exception) -> NoReturn:
    """Report that the worker cannot start, on both ways out, and end."""
    from synapse_worker.protocol.errors import SynapseError, error_to_wire
    from synapse_worker.worker.tracebacks import user_location

    if isinstance(error, DialectUndecidedError):
        failure = SynapseError("DIALECT_UNDECIDED", str(error))
    elif isinstance(error, ValueError) and not isinstance(error, SyntaxError):
        failure = SynapseError(
            "INVALID_CONFIG", f"The worker's configuration is not usable: {error}"
        )
    else:
        failure = SynapseError(
            "MODULE_START_FAILED",
            f"The module could not be started: {error}",
            details=user_location(error),
            cause=error,
        )
    sys.stderr.write(f"synapse: {failure.message}\n")
    control.send("crash", error=error_to_wire(failure))
    sys.exit(EXIT_NOT_STARTED)
