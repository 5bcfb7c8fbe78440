"""One build at a time for each folder, across processes and languages.

The lock is `flock` on the folder's own descriptor: no file is left behind, the kernel releases it
with the last holder, and tools that inherit the descriptor keep it, so an installer whose builder
was killed still keeps the next builder out until it has gone.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .errors import ENVIRONMENT_LOCKED, ModuleEnvironmentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# Longer than any build we have seen (a large model stack on a slow line), short of for ever.
LOCK_TIMEOUT_S = 1800.0
_POLL_S = 0.05


@contextmanager
def locked(
    directory: Path,
    *,
    timeout_s: float = LOCK_TIMEOUT_S,
    on_wait: Callable[[], None] = lambda: None,
) -> Iterator[int]:
    """Hold the folder's lock; yield the descriptor that tools must inherit.

    `on_wait` is called once if somebody else holds the lock.

    Raises:
        ModuleEnvironmentError: it was still held after `timeout_s` (`ENVIRONMENT_LOCKED`).
    """
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _acquire(descriptor, directory, timeout_s, on_wait)
        # Released by closing, never by LOCK_UN: that would take it from a tool which still runs.
        yield descriptor
    finally:
        os.close(descriptor)


def _acquire(
    descriptor: int, directory: Path, timeout_s: float, on_wait: Callable[[], None]
) -> None:
    deadline = time.monotonic() + timeout_s
    waiting = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            if problem.errno not in {errno.EWOULDBLOCK, errno.EACCES}:
                raise
        else:
            return
        if time.monotonic() >= deadline:
            raise ModuleEnvironmentError(
                ENVIRONMENT_LOCKED,
                f'Another process has been building in "{directory}" for {timeout_s:.0f} s.',
                hint="Wait for it, or find and stop it (`fuser` on the folder names it), then retry.",
            )
        if not waiting:
            waiting = True
            on_wait()
        time.sleep(_POLL_S)
