"""One build at a time for each folder, across processes and languages.

The lock is `flock` on the folder's own descriptor: no file is left behind, the kernel releases it
with the last holder (so it cannot be stale), and tools that inherit the descriptor keep it: an
installer whose builder was killed still keeps the next builder out until it has gone. Where a
file system cannot lock folders (NFS), a file in the user's cache stands in.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .errors import ENVIRONMENT_LOCKED, ModuleEnvironmentError, folder_gone, unwritable
from .layout import cache_directory
from .lock_holder import lock_holder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# Longer than any build we have seen (a large model stack on a slow line), short of for ever.
LOCK_TIMEOUT_S = 1800.0
_POLL_S = 0.05
# How often it is looked up who holds the lock.
_LOOK_S = 5.0
# In the cache: the files that stand for folders which cannot be locked themselves.
LOCKS_NAME = "locks"
_SOMEBODY = "another process"
_HELD = frozenset({errno.EWOULDBLOCK, errno.EACCES})
# What flock says of a folder on NFS (it wants a file open for writing) and on lesser servers.
_UNSUPPORTED = frozenset(
    {errno.EBADF, errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.EIO}
)


@contextlib.contextmanager
def locked(
    directory: Path,
    *,
    timeout_s: float = LOCK_TIMEOUT_S,
    on_wait: Callable[[str], None] = lambda _who: None,
    shared: bool = False,
) -> Iterator[int]:
    """Hold the folder's lock; yield the descriptor that tools must inherit.

    `on_wait` is called with who holds it if somebody else does, and again when that changes. A `shared` one
    keeps out only those who want it alone.

    Raises:
        ModuleEnvironmentError: it was still held after `timeout_s` (`ENVIRONMENT_LOCKED`), or the
            folder has gone (`INVALID_CONFIG`) or cannot be opened (`ENVIRONMENT_UNWRITABLE`).
    """
    wait = _Wait(directory, timeout_s, on_wait, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
    try:
        descriptor = _lock_folder(directory, wait)
    except FileNotFoundError as problem:
        raise folder_gone(directory, problem) from problem
    except OSError as problem:
        raise unwritable(directory, problem) from problem
    try:
        # Released by closing: LOCK_UN takes it from tools too, which is for who knows that they have ended.
        yield descriptor
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def claimed(
    staging: Path,
    *,
    timeout_s: float = LOCK_TIMEOUT_S,
    on_wait: Callable[[str], None] = lambda _who: None,
) -> Iterator[int]:
    """Hold the lock of a folder that is made for it, and will be renamed by who holds it; yield the descriptor.

    Raises:
        ModuleEnvironmentError: see `locked`.
        OSError: the folder cannot be made.
    """
    with contextlib.ExitStack() as stack:
        while True:
            staging.mkdir(parents=True, exist_ok=True)
            try:
                descriptor = stack.enter_context(
                    locked(staging, timeout_s=timeout_s, on_wait=on_wait)
                )
            except ModuleEnvironmentError as problem:
                if isinstance(problem.__cause__, FileNotFoundError):
                    continue  # who held it has finished, and renamed it
                raise
            staging.mkdir(exist_ok=True)  # where a file of the cache was locked in its stead
            break
        yield descriptor


def _lock_folder(directory: Path, wait: _Wait) -> int:
    while True:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            wait.until_held(descriptor)
            if os.path.samestat(os.stat(directory), os.fstat(descriptor)):
                return descriptor
            # While we waited, the folder was moved away and another one took its place.
            os.close(descriptor)
        except OSError as problem:
            os.close(descriptor)
            if problem.errno not in _UNSUPPORTED:
                raise
            return _lock_stand_in(directory, wait)
        except BaseException:
            os.close(descriptor)
            raise


def _lock_stand_in(directory: Path, wait: _Wait) -> int:
    """Lock a file of the user's cache that stands for the folder; it is kept, empty (`remove_stand_ins`)."""
    name = hashlib.sha256(os.fsencode(os.path.realpath(directory))).hexdigest()[:16]
    path = cache_directory() / LOCKS_NAME / name
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            wait.until_held(descriptor)
            if _is_at(path, descriptor):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def remove_stand_ins() -> None:
    """Remove the files that stand for folders, but for those that are held."""
    for path in (cache_directory() / LOCKS_NAME).glob("?" * 16):
        with contextlib.suppress(OSError):
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
            try:
                if _try(descriptor, fcntl.LOCK_EX) and _is_at(path, descriptor):
                    path.unlink()  # who waits for this one finds that it is no longer there
            finally:
                os.close(descriptor)


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False


@dataclass
class _Wait:
    """One caller's wait for a lock, whatever it is a lock on."""

    directory: Path
    timeout_s: float
    on_wait: Callable[[str], None]
    operation: int
    _began: float = field(default_factory=time.monotonic)
    _known: str = ""

    def until_held(self, descriptor: int) -> None:
        """Take the lock, however long others take, up to the timeout."""
        look_again = 0.0
        while not _try(descriptor, self.operation):
            now = time.monotonic()
            if now >= self._began + self.timeout_s:
                raise ModuleEnvironmentError(
                    ENVIRONMENT_LOCKED,
                    f'"{self.directory}" has been locked for {self.timeout_s:.10g} s by '
                    f"{lock_holder(descriptor) or _SOMEBODY}.",
                    hint="Wait for it, or stop it, then try again. The lock ends with the process "
                    "that holds it: there is no file to delete.",
                )
            if now >= look_again:
                look_again = now + _LOOK_S
                self._tell(str(lock_holder(descriptor) or _SOMEBODY))
            time.sleep(_POLL_S)

    def _tell(self, who: str) -> None:
        if who != self._known:
            self._known = who
            self.on_wait(who)


def _try(descriptor: int, operation: int) -> bool:
    try:
        fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
    except OSError as problem:
        if problem.errno in _HELD:
            return False
        raise
    return True
