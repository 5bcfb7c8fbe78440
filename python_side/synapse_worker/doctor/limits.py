"""What the kernel allows this user's processes, and whether the clock can be true."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .finding import Finding, error, ok

if TYPE_CHECKING:
    from .finding import Findings, Severity
    from .request import DoctorRequest

# Before this was written certificates of today are not valid yet: 2025-01-01.
_EARLIEST_S = 1_735_689_600


@dataclass(frozen=True)
class _Limit:
    """One of the kernel's limits, and how few is told."""

    id: str
    # Its name in `resource`.
    kind: str
    enough: float
    severity: Severity
    message: str
    fix: str
    # Below this it is an error, whatever the severity is otherwise.
    needed: int = 0

    def finding(self, value: int) -> Finding | None:
        """Return what there is to say of a value; None where it is enough."""
        if value >= self.enough:
            return None
        severity = "error" if value < self.needed else self.severity
        message = self.message.format(value=value, megabytes=value // 2**20)
        return Finding(self.id, severity, message, self.fix, details={"value": value})


_LIMITS = (
    # A worker takes up to eight descriptors of its parent and a few dozen files of its own imports;
    # pip unpacks beside that. macOS gives 256.
    _Limit(
        "limits.files",
        "RLIMIT_NOFILE",
        256,
        "warning",
        "A process may open {value} files: pools of workers need more.",
        "ulimit -n 4096",
        needed=64,
    ),
    _Limit(
        "limits.processes",
        "RLIMIT_NPROC",
        64,
        "warning",
        "This user may run {value} processes and threads: numpy alone starts one a core in each worker.",
        "ulimit -u 4096",
    ),
    _Limit(
        "limits.file-size",
        "RLIMIT_FSIZE",
        64 * 2**20,
        "error",
        "A file may grow to {value} bytes: packages cannot be installed.",
        "ulimit -f unlimited",
    ),
    _Limit(
        "limits.memory",
        "RLIMIT_AS",
        math.inf,
        "info",
        "A process may address {megabytes} MB: workers inherit that.",
        "ulimit -v unlimited",
    ),
)


def examine_limits(_request: DoctorRequest) -> Findings:
    """Check what `ulimit` and the clock say."""
    yield from _kernel_limits()
    if time.time() < _EARLIEST_S:
        yield error(
            "limits.clock",
            f"The clock says {time.strftime('%Y-%m-%d')}: certificates of package indexes are not valid yet.",
            "sudo timedatectl set-ntp true",
        )


def _kernel_limits() -> Findings:
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    is_tight = False
    for limit in _LIMITS:
        value = resource.getrlimit(getattr(resource, limit.kind))[0]
        if value != resource.RLIM_INFINITY and (found := limit.finding(value)):
            is_tight = True
            yield found
    if not is_tight:
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        text = "any number of" if files == resource.RLIM_INFINITY else str(files)
        yield ok("limits", f"Limits leave room ({text} open files).")
