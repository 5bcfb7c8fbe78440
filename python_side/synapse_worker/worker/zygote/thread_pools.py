"""Keep numeric libraries from starting threads while they are imported, and let workers have them back.

OpenBLAS starts its threads when it is loaded, as does the allocator of Arrow, and a process with threads
cannot be forked: the copy would have their locks, and not them.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress

# Read by the libraries when they are loaded: what each is for that time.
VARIABLES = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    # pyarrow carries jemalloc under this name. Without its thread memory is given back by those that free
    # some; later words of this option count more than the user's own, which stay before them.
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
_OPTION_LISTS = ("JE_ARROW_MALLOC_CONF",)
# Part of a library's file name → the variables that rule it, first come first served, and the names its
# function for the number of threads goes by (those of numpy's and scipy's own builds included).
LIBRARIES = {
    "openblas": (
        ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"),
        (
            "scipy_openblas_set_num_threads64_",
            "scipy_openblas_set_num_threads",
            "openblas_set_num_threads64_",
            "openblas_set_num_threads",
        ),
    ),
    "mkl_rt": (("MKL_NUM_THREADS", "OMP_NUM_THREADS"), ("MKL_Set_Num_Threads",)),
    "gomp": (("OMP_NUM_THREADS",), ("omp_set_num_threads",)),
    "iomp": (("OMP_NUM_THREADS",), ("omp_set_num_threads",)),
    "libomp": (("OMP_NUM_THREADS",), ("omp_set_num_threads",)),
}
# Packages with pools of their own, and a function `set_num_threads` for them.
PACKAGES = {
    "numexpr": ("NUMEXPR_NUM_THREADS", "OMP_NUM_THREADS"),
    "torch": ("OMP_NUM_THREADS", "MKL_NUM_THREADS"),
}


class ThreadPools:
    """The thread pools of numeric libraries: held at one thread from now until `release`."""

    def __init__(self) -> None:
        self._saved = {name: os.environ.get(name) for name in VARIABLES}
        for name, value in VARIABLES.items():
            own = self._saved[name] if name in _OPTION_LISTS else None
            os.environ[name] = f"{own},{value}" if own else value
        self._setters: list[tuple[object, int]] = []

    def release(self) -> None:
        """Give the environment back and look up what has been loaded; call before forking."""
        for name, value in self._saved.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        of_libraries = [
            (setter, self._wanted(variables))
            for path in _loaded_libraries()
            for part, (variables, names) in LIBRARIES.items()
            if part in os.path.basename(path)
            for setter in _functions(path, names)
        ]
        of_packages = [
            (sys.modules[name].set_num_threads, self._wanted(variables))
            for name, variables in PACKAGES.items()
            if hasattr(sys.modules.get(name), "set_num_threads")
        ]
        self._setters = of_libraries + of_packages

    def restore(self) -> None:
        """Let the libraries have the threads they would have had; call in the worker."""
        for setter, threads in self._setters:
            # A package may have a limit of its own: then its pool stays as it is.
            with suppress(ValueError, RuntimeError):
                setter(threads)  # type: ignore[operator]

    def _wanted(self, variables: tuple[str, ...]) -> int:
        for name in variables:
            value = (self._saved[name] or "").split(",")[0].strip()
            if value.isdigit() and int(value) > 0:
                return int(value)
        return len(os.sched_getaffinity(0))


def _loaded_libraries() -> set[str]:
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as maps:
            # proc(5): address perms offset dev inode pathname
            fields = (line.rstrip("\n").split(maxsplit=5) for line in maps)
            return {field[5] for field in fields if len(field) == 6 and ".so" in field[5]}
    except OSError:
        return set()


def _functions(path: str, names: tuple[str, ...]) -> list[object]:
    """Return the first of these functions that the library has, if any."""
    import ctypes

    try:
        library = ctypes.CDLL(path)  # loaded already: this opens the same one
    except OSError:
        return []
    found = [getattr(library, name) for name in names if hasattr(library, name)]
    return found[:1]
