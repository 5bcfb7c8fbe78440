"""Reads a file that a person may have named, and that may be anything: a pipe would be waited for, for ever."""

from __future__ import annotations

import errno
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def read_plain(path: Path) -> bytes:
    """Return what is in a file.

    Raises:
        OSError: it cannot be read, or is a pipe, a socket or a device.
    """
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise OSError(errno.EINVAL, "it is not a plain file", str(path))
    return path.read_bytes()
