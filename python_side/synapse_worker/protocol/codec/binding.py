"""What a MessagePack library must offer to carry our values, and the guards that both bindings share."""

from __future__ import annotations

import gc
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Protocol

from synapse_worker.frozen import Frozen

from ..errors import DecodeError
from ..limits import CODEC_RECURSION, MAX_C_RECURSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    ExtHook = Callable[[int, bytes | memoryview], Any]

Bytes = bytes | bytearray | memoryview
Extension = tuple[int, bytes]


MANY_BYTES = 256 * 1024
"""Bytes that hold enough for the collector to run again and again while they become values."""

HOOK_RECURSION = 200
"""Python calls within one another that a hook needs: the first array may import numpy."""


class Binding(Frozen):
    """One library, bound to our rules.

    `encode` raises nothing but `EncodeError`, `decode` and `decode_with` nothing but `DecodeError`. `encode_small`
    and `encode_with` know no slow way round and may raise anything: the first is the library's own encoder, which
    raises `LargeArrayError` at an array that had better travel as a segment; the second writes what its hook returns
    as extensions.
    """

    name: str
    encode: Callable[[object], bytes]
    encode_small: Callable[[object], bytes]
    encode_with: Callable[[object, Callable[[object], Extension | None]], bytes]
    decode: Decode
    decode_with: Callable[[Bytes, ExtHook], Any]
    record: Callable[[Any], Any | None]
    """Returns the fields of an instance that travels as a map or an array of them, or None."""
    argument_decoder: ArgumentDecoder


class Decode(Protocol):
    """Makes a value of bytes."""

    def __call__(self, data: Bytes, native_arrays: bool = False) -> Any:
        """Return the value. Its arrays are `WireArray`s, or what `WireArray.to_native` makes of them."""


class ArgumentDecoder(Protocol):
    """Makes decoders for the arguments of calls, of at most `MAX_C_RECURSION` bytes: more take `decode_long`."""

    def __call__(self, types: Any) -> Callable[[Bytes], Any] | None:
        """Return what decodes values of these types, or None if the library cannot do that.

        It has arrays as a program has them, and refuses references: they are bound to the call they came with.
        It raises whatever the library raises.
        """


@contextmanager
def bounded_recursion() -> Iterator[None]:
    """Keep C code from overflowing the stack where the program has raised the recursion limit far up."""
    limit = sys.getrecursionlimit()
    if limit <= MAX_C_RECURSION:
        yield
        return
    sys.setrecursionlimit(MAX_C_RECURSION)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


@contextmanager
def collector_at_rest(data: Bytes) -> Iterator[None]:
    """Have no garbage looked for while many bytes become values: there is none among new ones.

    Every run of the collector visits all that was made so far: 100,000 small records take three times as long.
    """
    if len(data) < MANY_BYTES or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def has_room(levels: int) -> bool:
    """Whether C code may go so many levels deeper here, and hooks run there, without any of these guards."""
    needed, limit = levels + HOOK_RECURSION, sys.getrecursionlimit()
    return needed < limit <= MAX_C_RECURSION and _depth() + needed < limit


def _depth() -> int:
    """Return how many frames there are, of Python."""
    frame: FrameType | None = sys._getframe()  # noqa: SLF001  # as inspect has it
    depth = 0
    while frame is not None:
        depth, frame = depth + 1, frame.f_back
    return depth


@contextmanager
def enough_recursion() -> Iterator[None]:
    """Make room for the deepest value there may be, where the program has set the limit far down."""
    limit = sys.getrecursionlimit()
    needed = min(_depth() + CODEC_RECURSION, MAX_C_RECURSION)
    if limit >= needed:
        yield
        return
    sys.setrecursionlimit(needed)
    try:
        yield
    finally:
        with suppress(RecursionError):  # it was set by a thread whose stack is less deep
            sys.setrecursionlimit(limit)


def decode_depth_error(cause: BaseException) -> DecodeError:
    """Return the error for bytes that nest more deeply than this Python can follow."""
    return DecodeError(
        "The value nests too deeply to be decoded. Send a flat form, such as a list with indices.",
        code="DEPTH_EXCEEDED",
        cause=cause,
    )
