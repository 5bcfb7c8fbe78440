"""Run a native module: import it, serve its calls, tear it down."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING, Any

from synapse_worker.worker.forked import end_in_child, silence_in_children
from synapse_worker.worker.private_codec import find_private_codec

if TYPE_CHECKING:
    from types import ModuleType

    from synapse_worker.worker.channel import Channel
    from synapse_worker.worker.config import WorkerConfig
    from synapse_worker.worker.control import Control
    from synapse_worker.worker.event_loop import EventLoopThread
    from synapse_worker.worker.module import Module

EXIT_FAILED = 1


def run_native(
    config: WorkerConfig, channel: Channel, control: Control, imported: ModuleType | None = None
) -> None:
    """Serve the module of `config`, unless it is `imported` already, until the connection ends.

    Raises:
        SystemExit: the module could not be started, or the connection failed (status 1).
    """
    find_private_codec()
    silence_in_children(channel.descriptors())
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")  # type: ignore[union-attr]
    # Before the module: its folder comes first on the path then, and a `copy.py` or `struct.py` of
    # the user's must not take the place of what serving needs.
    from synapse_worker.worker.event_loop import EventLoopThread
    from synapse_worker.worker.hooks import run_teardowns
    from synapse_worker.worker.serving import serve

    loop = EventLoopThread()
    module = _start(config, control, loop, imported)
    gc.freeze()  # what start-up made lives to the end: later collections need not look at it
    failed = serve(config, channel, module, loop)
    end_in_child()
    if not config.describe:
        run_teardowns(module, loop)
    loop.stop()
    if failed:
        sys.exit(EXIT_FAILED)


def _start(
    config: WorkerConfig, control: Control, loop: EventLoopThread, imported: ModuleType | None
) -> Module:
    """Import the entrypoint and run its setups; report and exit if that fails."""
    from synapse_worker.protocol.errors import SynapseError, error_to_wire
    from synapse_worker.worker.hooks import run_setups
    from synapse_worker.worker.importing import find_module, import_entrypoint

    try:
        entrypoint = imported or import_entrypoint(config)
        end_in_child()
        module = find_module(entrypoint, config.entrypoint)
        if not config.describe:
            run_setups(module, loop)
        return module
    except BaseException as error:
        from synapse_worker.worker.tracebacks import trim_chain, user_location

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
        control.send("crash", error=failure)
        sys.exit(EXIT_FAILED)
