"""Scalars that travel as text: dates and times in ISO 8601, durations, UUIDs, decimals, paths.

Parsing is the same on every Python: `fromisoformat` of 3.10 takes less than that of 3.11.
"""

from __future__ import annotations

import datetime as dt
import decimal
import os
import re
import uuid
from typing import TYPE_CHECKING, Any

from ..protocol.codec.scalars import duration_to_text
from .mismatch import Mismatch, unlike

__all__ = ["PARSERS", "duration_to_text", "parse_datetime", "text_decoder", "text_encoder"]

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..schema.types import Scalar


class _Pattern:
    """A pattern that is compiled when it is first asked: each start of a typed module would wait for all of them."""

    def __init__(self, pattern: str, flags: re.RegexFlag) -> None:
        self._pattern = pattern
        self._flags = flags

    def fullmatch(self, text: str) -> re.Match[str] | None:
        compiled = re.compile(self._pattern, self._flags)
        vars(self)["fullmatch"] = compiled.fullmatch  # what is asked from now on
        return compiled.fullmatch(text)


_DATE = _Pattern(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = _Pattern(r"(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|z|[+-]\d\d(?::?\d\d)?)?", re.ASCII)
_DURATION = _Pattern(
    r"([+-])?P(?:(\d+)W)?(?:(\d+)D)?"
    r"(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,](\d{1,9}))?S)?)?",
    re.ASCII | re.IGNORECASE,
)
_UUID = _Pattern(
    r"[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}", re.IGNORECASE
)


def parse_date(text: str) -> dt.date | None:
    """Return the date of `2026-01-31`."""
    return dt.date.fromisoformat(text) if _DATE.fullmatch(text) else None


def parse_time(text: str) -> dt.time | None:
    """Return the time of `12:30:00.5` or `12:30:00+02:00`. Digits beyond microseconds are cut off."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    hour, minute, second, fraction, zone = found.groups()
    micros = int((fraction or "").ljust(6, "0")[:6])
    return dt.time(int(hour), int(minute), int(second or 0), micros, tzinfo=_zone(zone))


def parse_datetime(text: str) -> dt.datetime | None:
    """Return the datetime of `2026-01-31T12:30:00`, aware if the text has an offset."""
    day, clock = parse_date(text[:10]), parse_time(text[11:])
    if day is None or clock is None or text[10:11] not in ("T", "t", " "):
        return None
    return dt.datetime.combine(day, clock)


def parse_naive_datetime(text: str) -> dt.datetime | None:
    """Return the datetime of a text without offset."""
    moment = parse_datetime(text)
    return None if moment is None or moment.tzinfo is not None else moment


def parse_timedelta(text: str) -> dt.timedelta | None:
    """Return the duration of `P1DT2H3M4.5S`; years and months have no fixed length and are refused."""
    found = _DURATION.fullmatch(text)
    if found is None or not any(found.groups()[1:]):
        return None
    sign, weeks, days, hours, minutes, seconds, fraction = found.groups()
    duration = dt.timedelta(
        weeks=int(weeks or 0),
        days=int(days or 0),
        hours=int(hours or 0),
        minutes=int(minutes or 0),
        seconds=int(seconds or 0),
        microseconds=int((fraction or "").ljust(6, "0")[:6]),
    )
    return -duration if sign == "-" else duration


def parse_uuid(text: str) -> uuid.UUID | None:
    """Return the UUID of its text, with or without hyphens."""
    return uuid.UUID(text) if _UUID.fullmatch(text) else None


def parse_decimal(text: str) -> decimal.Decimal | None:
    """Return the number of its text."""
    return decimal.Decimal(text) if text and text == text.strip() and "_" not in text else None


def parse_path(text: str) -> Path:
    """Return the path that a text is."""
    from pathlib import Path

    return Path(text)


PARSERS: dict[str, Callable[[str], Any]] = {
    "naive_datetime": parse_naive_datetime,
    "date": parse_date,
    "time": parse_time,
    "timedelta": parse_timedelta,
    "uuid": parse_uuid,
    "decimal": parse_decimal,
    "path": parse_path,
}
_CLASSES: dict[str, tuple[type, ...]] = {
    "naive_datetime": (dt.datetime,),
    "date": (dt.date,),
    "time": (dt.time,),
    "timedelta": (dt.timedelta,),
    "uuid": (uuid.UUID,),
    "decimal": (decimal.Decimal,),
    "path": (os.PathLike,),
}


def text_decoder(scalar: Scalar, expected: str) -> Callable[[Any], Any]:
    """Return what parses the text of this scalar."""
    parse = PARSERS[scalar.name]
    if (
        scalar.name == "path"
        and isinstance(scalar.python, type)
        and scalar.python is not os.PathLike
    ):
        parse = scalar.python
    takes_int = scalar.name == "decimal"

    def decode_text(value: Any) -> Any:
        if type(value) is str:
            try:
                parsed = parse(value)
            except (ValueError, OverflowError, decimal.InvalidOperation):
                parsed = None
            if parsed is not None:
                return parsed
        elif takes_int and type(value) is int:
            return decimal.Decimal(value)
        raise unlike(expected, value)

    return decode_text


def text_encoder(name: str, expected: str) -> Callable[[Any], Any]:
    """Return what lets through the values that the codec writes as text, and refuses others."""
    classes = _CLASSES[name]
    if name == "naive_datetime":
        return _encode_naive
    if name == "decimal":
        return _encode_decimal
    is_date = name == "date"

    def encode_text(value: Any) -> Any:
        if isinstance(value, classes) and not (is_date and isinstance(value, dt.datetime)):
            return value
        if type(value) is str:
            return value
        raise unlike(expected, value)

    return encode_text


def _encode_naive(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            return value
        problem = (
            f"must be a naive datetime, got {value}, which has a time zone; annotate it as "
            "datetime, or return value.replace(tzinfo=None)"
        )
        raise Mismatch(problem, expected="naive datetime", got=str(value))
    if type(value) is str:
        return value
    raise unlike("naive datetime", value)


def _encode_decimal(value: Any) -> Any:
    if isinstance(value, decimal.Decimal) or type(value) is str:
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise unlike("Decimal", value)


def _zone(text: str | None) -> dt.tzinfo | None:
    if text is None:
        return None
    if text in ("Z", "z"):
        return dt.timezone.utc
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return dt.timezone(-offset if text[0] == "-" else offset)
