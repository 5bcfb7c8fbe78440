"""Python's own scalar types in the forms that travel: what has no MessagePack type becomes text or a number."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import os
import uuid
from typing import Any

from ..limits import MAX_BIG_INT_BYTES
from .refusals import RefusedError, why_not

EXT_BIG_INT = 1
"""Extension type of integers beyond 64 bits: big-endian two's complement."""

INT_MIN = -(2**63)
UINT_MAX = 2**64 - 1


def big_int_to_bytes(value: int) -> bytes:
    """Return the minimal big-endian two's complement of an integer."""
    size = ((value if value >= 0 else ~value).bit_length() >> 3) + 1
    if size > MAX_BIG_INT_BYTES:
        raise RefusedError(
            f"an integer of {size:,} bytes is over the limit of {MAX_BIG_INT_BYTES:,} bytes; send it as bytes or text"
        )
    return value.to_bytes(size, "big", signed=True)


def big_int_from_bytes(data: bytes | memoryview) -> int:
    """Return the integer of a big-endian two's complement; padding is accepted.

    Raises:
        ValueError: there are no bytes, or more than the limit.
    """
    if not 0 < len(data) <= MAX_BIG_INT_BYTES:
        raise ValueError(
            f"an integer extension of {len(data):,} bytes (allowed are 1 to {MAX_BIG_INT_BYTES:,})"
        )
    return int.from_bytes(data, "big", signed=True)


def duration_to_text(value: dt.timedelta) -> str:
    """Return an ISO 8601 duration, as msgspec writes it (`P1DT5.000003S`, `-PT30S`)."""
    sign = ""
    if value.days < 0:
        sign, value = "-", -value
    text = f"{sign}P{value.days}D" if value.days else f"{sign}P"
    if value.seconds or value.microseconds:
        fraction = f".{value.microseconds:06d}".rstrip("0") if value.microseconds else ""
        text += f"T{value.seconds}{fraction}S"
    return text if text not in ("P", "-P") else "P0D"


def plain_scalar(value: Any) -> Any:
    """Return a simpler value that stands for `value` on the wire.

    Raises:
        RefusedError: there is none.
    """
    # Subclasses first: what adds behaviour to str or int still is one.
    if isinstance(value, enum.Enum):
        return value.value
    module = type(value).__module__
    if module == "numpy" or module.startswith("numpy."):
        return _plain_numpy(value)
    for plain in (str, int, float):
        if isinstance(value, plain):
            return plain.__str__(value) if plain is str else plain(value)
    if isinstance(value, bytes | bytearray):
        return bytes(value)
    if isinstance(value, memoryview):
        return value.tobytes()
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return _plain_time(value)
    if isinstance(value, dt.timedelta):
        return duration_to_text(value)
    if isinstance(value, decimal.Decimal | uuid.UUID):
        return str(value)
    if isinstance(value, os.PathLike):
        path = os.fspath(value)
        return path if isinstance(path, str) else os.fsdecode(path)
    raise RefusedError(why_not(value))


def _plain_time(value: dt.date | dt.time) -> dt.datetime | str:
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        # The libraries know the exact class alone (pandas.Timestamp, for one, is a subclass).
        return (
            value
            if type(value) is dt.datetime
            else dt.datetime.combine(value.date(), value.timetz())
        )
    text = value.isoformat()
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def _plain_numpy(value: Any) -> Any:
    kind = type(value).__name__
    item = value.item() if hasattr(value, "item") else value
    if type(item) is type(value):
        raise RefusedError(
            f"numpy.{kind} has no exact Python counterpart; convert it first, as with float(value)"
        )
    return item
