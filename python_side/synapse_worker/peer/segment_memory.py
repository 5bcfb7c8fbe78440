"""Memory for what arrives in one piece: filled once from the transport, then taken without a copy.

Fresh memory is what large buffers cost most: a page fault takes 1 to 2.4 µs (measured in virtual machines), which
makes 64 MiB in pages of 4 KiB cost 20 to 40 ms, five times what copying them does. Linux gives pages of 2 MiB to who
asks. And what comes from the allocator need not be filled with zeros first, which is a quarter of the rest.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from io import BytesIO

HUGE_PAGE_BYTES = 2 * 1024 * 1024
# Below this most of the memory comes warm from the allocator, and little of it would be whole pages.
HUGE_PAGES_FROM_BYTES = 2 * HUGE_PAGE_BYTES
# <asm-generic/mman-common.h>
MADV_HUGEPAGE = 14
PAGE_BYTES = 4096


class SegmentMemory:
    """Room for one segment: `view` is where it is read to."""

    __slots__ = ("_store", "view")

    def __init__(self, size: int) -> None:
        # `BytesIO` adopts bytes that nobody else holds, and gives them back the same way: the only means that
        # Python has to fill bytes in place.
        self._store = BytesIO(bytes(size) if size < HUGE_PAGES_FROM_BYTES else _new_bytes(size))
        self.view = self._store.getbuffer()
        if size >= HUGE_PAGES_FROM_BYTES and sys.platform == "linux":
            with suppress(Exception):  # advice alone: it works without, more slowly
                _advise_huge_pages(self.view)

    def take_bytes(self) -> bytes:
        """Return the memory as bytes; `view` cannot be used any more."""
        self.view.release()
        return self._store.getvalue()


def _new_bytes(size: int) -> bytes:
    """Return bytes to be filled, whatever is in them."""
    with suppress(Exception):  # no such function in this Python: zeros do as well, more slowly
        import ctypes  # as rarely as large segments come

        allocate = ctypes.pythonapi["PyBytes_FromStringAndSize"]
        allocate.argtypes = (ctypes.c_void_p, ctypes.c_ssize_t)
        allocate.restype = ctypes.py_object
        return allocate(None, size)  # type: ignore[no-any-return]
    return bytes(size)


def _advise_huge_pages(view: memoryview) -> None:
    import ctypes

    start = ctypes.addressof(ctypes.c_char.from_buffer(view))
    first_page = -(-start // PAGE_BYTES) * PAGE_BYTES
    size = (start + len(view) - first_page) // PAGE_BYTES * PAGE_BYTES
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    madvise(first_page, size, MADV_HUGEPAGE)
