"""Run what a module has registered around its calls: preloads, setups, teardowns."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from synapse_worker.worker.forked import end_in_child

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.worker.event_loop import EventLoopThread
    from synapse_worker.worker.module import Module


def run_preloads(module: Module) -> None:
    """Run every preload in the order of registration.

    Raises:
        BaseException: what the first one that fails raises.
    """
    for function in module.preloads:
        function()
        end_in_child()


def run_setups(module: Module, loop: EventLoopThread) -> None:
    """Run every setup in the order of registration.

    Raises:
        BaseException: what the first one that fails raises.
    """
    for function in module.setups:
        run_hook(function, loop)


def run_teardowns(module: Module, loop: EventLoopThread) -> None:
    """Run every teardown, last registered first; one that fails does not keep the others from it."""
    for function in reversed(module.teardowns):
        _run_reporting(function, loop)


def _run_reporting(function: Callable[[], Any], loop: EventLoopThread) -> None:
    try:
        run_hook(function, loop)
    except BaseException as error:
        from synapse_worker.worker.tracebacks import trim_chain

        trim_chain(error)
        sys.excepthook(type(error), error, error.__traceback__)


def run_hook(function: Callable[[], Any], loop: EventLoopThread) -> None:
    """Run one setup or teardown.

    Raises:
        BaseException: what it raises.
    """
    result = function()
    end_in_child()
    if hasattr(result, "__await__"):
        loop.run(_awaited(result))


async def _awaited(awaitable: Any) -> Any:
    return await awaitable
