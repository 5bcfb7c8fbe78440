"""Keep the descriptors of a worker's own out of the way of code that closes, or counts on, low numbers."""

from __future__ import annotations

import fcntl
import os

# Above what the usual hygiene closes, `os.closerange(3, 256)`, and below the 1024 of select(). The second
# is for where a process may have 256 descriptors only.
PRIVATE_FDS = (512, 200)


def out_of_reach(fd: int) -> int:
    """Move `fd` to a high number, where user code does not close it by the way; return the number."""
    for lowest in PRIVATE_FDS:
        try:
            high = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, lowest)
        except OSError:  # beyond RLIMIT_NOFILE
            continue
        os.close(fd)
        return high
    os.set_inheritable(fd, False)
    return fd
