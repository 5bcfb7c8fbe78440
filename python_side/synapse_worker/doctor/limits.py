"""What the kernel allows this user's processes, and whether the clock can be true."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from .finding import error, info, ok, warning

if TYPE_CHECKING:
    from .finding import Findings
    from .request import DoctorRequest

# A worker takes up to eight descriptors of its parent and a few dozen files of its own imports;
# pip unpacks beside that. macOS gives 256.
_FEW_FILES = 256
_TOO_FEW_FILES = 64
_FEW_PROCESSES = 64
_SMALL_FILE = 64 * 2**20
# Before this was written certificates of today are not valid yet: 2025-01-01.
_EARLIEST_S = 1_735_689_600


def examine_limits(_request: DoctorRequest) -> Findings:
    """Check what `ulimit` and the clock say."""
    try:
        import resource
    except ImportError:  # Windows has no such limits
        resource = None  # type: ignore[assignment]
    is_tight = False
    if resource is not None:
        infinite = resource.RLIM_INFINITY
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        if files != infinite and files < _FEW_FILES:
            severity = error if files < _TOO_FEW_FILES else warning
            is_tight = True
            yield severity(
                "limits.files",
                f"A process may open {files} files: pools of workers need more.",
                "ulimit -n 4096",
                value=files,
            )
        processes = resource.getrlimit(resource.RLIMIT_NPROC)[0]
        if processes != infinite and processes < _FEW_PROCESSES:
            is_tight = True
            yield warning(
                "limits.processes",
                f"This user may run {processes} processes and threads: numpy alone starts one a core in each worker.",
                "ulimit -u 4096",
                value=processes,
            )
        size = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
        if size != infinite and size < _SMALL_FILE:
            is_tight = True
            yield error(
                "limits.file-size",
                f"A file may grow to {size} bytes: packages cannot be installed.",
                "ulimit -f unlimited",
                value=size,
            )
        memory = resource.getrlimit(resource.RLIMIT_AS)[0]
        if memory != infinite:
            is_tight = True
            yield info(
                "limits.memory",
                f"A process may address {memory // 2**20} MB: workers inherit that.",
                "ulimit -v unlimited",
                value=memory,
            )
        if not is_tight:
            yield ok("limits", f"Limits leave room ({_text(files, infinite)} open files).")
    if time.time() < _EARLIEST_S:
        yield error(
            "limits.clock",
            f"The clock says {time.strftime('%Y-%m-%d')}: certificates of package indexes are not valid yet.",
            "sudo timedatectl set-ntp true",
        )


def _text(value: int, infinite: int) -> str:
    return "any number of" if value == infinite else str(value)
