"""Marks the cache as in use for the time of a build: its tools, packages and folders stay until the end.

Builds share the lock of the cache folder, and so do the tools that they start; who cleans wants it alone.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from ..directory_lock import locked
from ..errors import ModuleEnvironmentError
from ..layout import cache_directory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..tools.toolrun import ToolRunner


@contextlib.contextmanager
def cache_in_use(runner: ToolRunner) -> Iterator[None]:
    """Keep what is in the cache from being cleaned away, as long as this or a tool of the runner goes on."""
    with contextlib.ExitStack() as stack:
        # A cache that cannot be made or locked says so where it is needed; a build may do without.
        with contextlib.suppress(OSError, ModuleEnvironmentError):
            cache = cache_directory()
            cache.mkdir(parents=True, exist_ok=True)
            held = locked(
                cache,
                shared=True,
                on_wait=lambda who: runner.reporter.phase(
                    "lock", f"Waiting for {who}, which cleans"
                ),
            )
            stack.enter_context(runner.also_holding(stack.enter_context(held)))
        yield


@contextlib.contextmanager
def cache_alone() -> Iterator[None]:
    """Keep builds from starting while something is cleaned away.

    Raises:
        ModuleEnvironmentError: one goes on (`ENVIRONMENT_LOCKED`).
    """
    with locked(cache_directory(), timeout_s=0.0):
        yield
