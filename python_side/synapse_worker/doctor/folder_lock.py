"""Who is building in a folder right now: see env/directory_lock.py."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

from ..env.lock_holder import lock_holder

if TYPE_CHECKING:
    from pathlib import Path


def builder_in(folder: Path) -> str | None:
    """Return who holds the folder's lock, or None; a shared lock is tried and given back at once."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return str(lock_holder(descriptor) or "another process")
    except OSError:
        return None  # a file system that locks no folders
    finally:
        os.close(descriptor)
    return None
