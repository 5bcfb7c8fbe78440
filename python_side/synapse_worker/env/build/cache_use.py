"""Marks the cache as in use for the time of a build: its tools, packages and folders stay until the end.

Builds share the lock of the cache folder, and so do the tools that they start; who cleans wants it alone.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from ..directory_lock import locked
from ..errors import ENVIRONMENT_LOCKED, ModuleEnvironmentError
from ..layout import cache_directory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..events import Reporter
    from ..tools.toolrun import ToolRunner


@contextlib.contextmanager
def cache_in_use(runner: ToolRunner, reporter: Reporter, timeout_s: float) -> Iterator[None]:
    """Keep what is in the cache from being cleaned away, as long as this or a tool of the runner goes on.

    Raises:
        ModuleEnvironmentError: it was still being cleaned after `timeout_s` (`ENVIRONMENT_LOCKED`).
    """

    def waiting(who: str) -> None:
        reporter.phase("lock", f"Waiting for {who}, which cleans the cache")

    with contextlib.ExitStack() as stack:
        # A cache that cannot be made or locked says so where it is needed; a build may do without.
        try:
            cache = cache_directory()
            cache.mkdir(parents=True, exist_ok=True)
            lock = locked(cache, shared=True, timeout_s=timeout_s, on_wait=waiting)
            stack.enter_context(runner.also_holding(stack.enter_context(lock)))
        except OSError:
            pass
        except ModuleEnvironmentError as problem:
            if problem.code == ENVIRONMENT_LOCKED:
                raise
        yield


@contextlib.contextmanager
def cache_alone() -> Iterator[None]:
    """Keep builds from starting while something is cleaned away.

    Raises:
        ModuleEnvironmentError: one goes on (`ENVIRONMENT_LOCKED`).
    """
    with locked(cache_directory(), timeout_s=0.0):
        yield
