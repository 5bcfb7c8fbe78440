"""Run a native module in two halves: import it, which any process may do, and serve it, in the worker.

A process may be forked between the halves: `prepare` starts no thread and opens nothing that two could
not share, as far as that is ours to say, and `serve_prepared` is where a worker of its own begins.
"""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

from synapse_worker.start_image import take_compiled
from synapse_worker.worker.collector import resume
from synapse_worker.worker.forked import end_in_child, silence_in_children
from synapse_worker.worker.private_codec import find_private_codec

if TYPE_CHECKING:
    from types import ModuleType
    from typing import NoReturn

    from synapse_worker.worker.channel import Channel
    from synapse_worker.worker.config import WorkerConfig
    from synapse_worker.worker.control import Control
    from synapse_worker.worker.module import Module
    from synapse_worker.worker.plans import Plans

EXIT_FAILED = 1


def run_native(
    config: WorkerConfig, channel: Channel, control: Control, imported: ModuleType | None = None
) -> None:
    """Serve the module of `config`, unless it is `imported` already, until the connection ends.

    Raises:
        SystemExit: the module could not be started, or the connection failed (status 1).
    """
    silence_in_children(channel.descriptors())
    try:
        module = prepare(config, imported)
    except BaseException as error:
        _crash(config, control, error)
    serve_prepared(config, channel, control, module)


def import_serving() -> None:
    """Import what serves a module, and the codec; idempotent.

    Raises:
        SynapseError: the environment has no codec.
    """
    find_private_codec()
    take_compiled()
    import synapse_worker.worker.event_loop
    import synapse_worker.worker.log_forwarding
    import synapse_worker.worker.serving  # noqa: F401


def prepare(config: WorkerConfig, imported: ModuleType | None = None) -> Module:
    """Import the module of `config`, unless it is `imported` already, and run its preloads.

    Raises:
        BaseException: whatever the import or a preload raises; `report_start_failure` says it well.
    """
    # Before the module: its folder comes first on the path then, and a `copy.py` or `struct.py` of
    # the user's must not take the place of what serving needs.
    import_serving()
    from synapse_worker.worker import call_output
    from synapse_worker.worker.hooks import run_preloads
    from synapse_worker.worker.importing import find_module, import_entrypoint

    if imported is None:
        gc.freeze()  # else the first collection after the import goes through all of ours
    call_output.install()
    entrypoint = imported or import_entrypoint(config)
    resume()
    end_in_child()
    module = find_module(entrypoint, config.entrypoint)
    if not config.describe:
        _import_ahead(module)
        run_preloads(module)
    return module


def _import_ahead(module: Module) -> None:
    """Import what the first call of some methods would wait for, inside the time limit of that call."""
    offered = [*module.methods.values()]
    for service in module.services.values():
        offered += (found.method for found in service.methods.values())
    if any(method.is_async for method in offered):
        import asyncio  # noqa: F401
    if any(method.is_stream for method in offered):
        import threading  # noqa: F401


def serve_prepared(
    config: WorkerConfig,
    channel: Channel,
    control: Control,
    module: Module,
    plans: Plans | None = None,
) -> None:
    """Set up what `prepare` returned and serve it until the connection ends; then tear it down.

    `plans` are those of its methods, where they were made ahead.

    The caller has kept the channel from forked children (`silence_in_children`).

    Raises:
        SystemExit: a setup failed, or the connection did (status 1).
    """
    from synapse_worker.worker.event_loop import EventLoopThread
    from synapse_worker.worker.hooks import run_setups, run_teardowns
    from synapse_worker.worker.log_forwarding import LogForwarding, on_control
    from synapse_worker.worker.serving import serve

    loop = EventLoopThread()
    logs = LogForwarding(on_control(control))
    logs.install()
    try:
        if not config.describe:
            run_setups(module, loop)
    except BaseException as error:
        _crash(config, control, error)
    gc.freeze()  # what start-up made lives to the end: later collections need not look at it
    failed = serve(config, channel, control, module, loop, logs, plans)
    end_in_child()
    if not config.describe:
        run_teardowns(module, loop)
    loop.stop()
    if failed:
        sys.exit(EXIT_FAILED)


def _crash(config: WorkerConfig, control: Control, error: BaseException) -> NoReturn:
    from synapse_worker.worker.start_failure import report_start_failure

    control.send("crash", error=report_start_failure(config, error))
    sys.exit(EXIT_FAILED)
