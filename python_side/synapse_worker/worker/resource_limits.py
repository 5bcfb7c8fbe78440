"""Limits that the kernel holds a worker and its children to (`setrlimit`)."""

from __future__ import annotations

import resource

TYPE_CHECKING = False  # importing typing costs 9 ms of a cold start
if TYPE_CHECKING:
    from collections.abc import Mapping

# The name in CONFIG_JSON → what the kernel calls it. Some systems lack some of them.
KERNEL_NAMES = {
    "address_space": "RLIMIT_AS",
    "cpu_seconds": "RLIMIT_CPU",
    "open_files": "RLIMIT_NOFILE",
    "processes": "RLIMIT_NPROC",
    "file_size": "RLIMIT_FSIZE",
}
# SIGXCPU ends a process at the limit, unless it looks away; this long after it, SIGKILL does.
CPU_GRACE_SECONDS = 5


def check_resource_limits(limits: object) -> dict[str, int]:
    """Return `limits` if that is a map from names known here to integers above 0.

    Raises:
        ValueError: it is not.
    """
    if not isinstance(limits, dict):
        raise ValueError(f"resource_limits must be a map, not {limits!r}")
    for name, value in limits.items():
        if name not in KERNEL_NAMES:
            known = ", ".join(KERNEL_NAMES)
            raise ValueError(f"resource_limits knows {known}, not {name!r}")
        if type(value) is not int or value <= 0:
            raise ValueError(f"resource_limits.{name} must be an integer above 0, not {value!r}")
    return limits


def apply_resource_limits(limits: Mapping[str, int]) -> None:
    """Hold this process, and what it will start, to `limits`; one that is stricter already stays.

    Raises:
        OSError: the system does not set this limit.
    """
    for name, value in limits.items():
        kind = getattr(resource, KERNEL_NAMES[name], None)
        if kind is None:
            raise OSError(f"resource_limits.{name} cannot be set on this system.")
        _, highest = resource.getrlimit(kind)
        soft = value if highest == resource.RLIM_INFINITY else min(value, highest)
        hard = soft + CPU_GRACE_SECONDS if name == "cpu_seconds" else soft
        if highest != resource.RLIM_INFINITY:
            hard = min(hard, highest)
        resource.setrlimit(kind, (soft, hard))
