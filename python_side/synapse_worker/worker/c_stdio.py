"""Make C's `printf` show up line by line in the logs, not in blocks or at exit."""

from __future__ import annotations

# <stdio.h> of glibc and musl.
_IOLBF = 1


def line_buffer_stdout() -> None:
    """Put the C library's stdout into line-buffered mode, where that can be done."""
    try:
        import ctypes

        libc = ctypes.CDLL(None)
        libc.setvbuf(ctypes.c_void_p.in_dll(libc, "stdout"), None, _IOLBF, 0)
    except (ImportError, OSError, ValueError):
        return  # no ctypes in this build, or a C library that names its streams otherwise
