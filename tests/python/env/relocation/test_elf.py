"""The loader that a program asks for is read out of its header."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import pytest

from synapse_worker.env.relocation.elf import program_loader


def program(bits: int, order: str, loader: bytes | None) -> bytes:
    """Return the head of an ELF program: one segment that is none of ours, then the loader's name."""
    ident = b"\x7fELF" + bytes([2 if bits == 64 else 1, 1 if order == "<" else 2]) + b"\0" * 10
    head, size = (64, 56) if bits == 64 else (52, 32)
    at = head + 2 * size
    word = "Q" if bits == 64 else "I"
    rest = struct.pack(order + "HHI" + word * 3 + "IHHH", 2, 62, 1, 0, head, 0, 0, head, size, 2)
    content = (ident + rest).ljust(head, b"\0") + struct.pack(order + "I", 1).ljust(size, b"\0")
    name = (loader or b"") + b"\0"
    kind = 1 if loader is None else 3
    if bits == 64:
        entry = struct.pack(order + "IIQQQQ", kind, 4, at, 0, 0, len(name))
    else:
        entry = struct.pack(order + "IIIII", kind, at, 0, 0, len(name))
    return content + entry.ljust(size, b"\0") + name


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("order", ["<", ">"])
def test_it_is_read_in_every_form(tmp_path: Path, bits: int, order: str) -> None:
    path = tmp_path / "python"
    path.write_bytes(program(bits, order, b"/lib/ld-musl-x.so.1"))
    assert program_loader(path) == "/lib/ld-musl-x.so.1"


def test_a_static_program_has_none(tmp_path: Path) -> None:
    path = tmp_path / "python"
    path.write_bytes(program(64, "<", None))
    assert program_loader(path) is None


@pytest.mark.parametrize(
    "content", [b"", b"#!/bin/sh\n", b"\x7fELF", b"\x7fELF\x02\x01" + b"\xff" * 64]
)
def test_what_is_no_program_has_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "python"
    path.write_bytes(content)
    assert program_loader(path) is None
    assert program_loader(tmp_path / "gone") is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="about Linux")
def test_the_loader_of_this_python_exists() -> None:
    loader = program_loader(Path(sys.executable).resolve())
    assert loader is None or Path(loader).exists()
