"""Reads which loader a program of Linux asks for: one short text that tells processor and libc.

`/lib64/ld-linux-x86-64.so.2` is glibc on x86-64, `/lib/ld-musl-aarch64.so.1` musl on ARM. Where that
file does not exist the program cannot start, and neither can the extensions of its packages be loaded.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_MAGIC = b"\x7fELF"
_PROGRAM_INTERPRETER = 3
# Headers of any program lie in its first pages.
_HEAD_BYTES = 1 << 16
# Of the 64- and the 32-bit header: (offset and format of e_phoff, offset of e_phentsize).
_CLASSES = {2: ("Q", 32, 54), 1: ("I", 28, 42)}


def program_loader(program: Path) -> str | None:
    """Return the loader named in a program's ELF header; None where there is no such thing."""
    try:
        with program.open("rb") as file:
            return _loader(file.read(_HEAD_BYTES))
    except (OSError, struct.error, IndexError, OverflowError, ValueError):
        return None  # cut off, or numbers that no header has


def _loader(head: bytes) -> str | None:
    if head[:4] != _MAGIC or head[4] not in _CLASSES:
        return None
    order = "<" if head[5] == 1 else ">"
    word, offset_at, size_at = _CLASSES[head[4]]
    (table,) = struct.unpack_from(order + word, head, offset_at)
    size, count = struct.unpack_from(order + "HH", head, size_at)
    for start in range(table, table + size * count, size):
        (kind,) = struct.unpack_from(order + "I", head, start)
        if kind == _PROGRAM_INTERPRETER:
            # p_offset and p_filesz: 64-bit headers have p_flags before them.
            if word == "Q":
                at, _, _, length = struct.unpack_from(order + "QQQQ", head, start + 8)
            else:
                at, _, _, length = struct.unpack_from(order + "IIII", head, start + 4)
            return head[at : at + length].rstrip(b"\0").decode()
    return None
