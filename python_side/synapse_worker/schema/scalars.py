"""Annotations that mean one value without parts."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import os
import sys
import typing
import uuid
from typing import Any

from .types import NONE, UNKNOWN, Scalar, Type

_BY_IDENTITY: list[tuple[Any, Type]] = [
    (None, NONE),
    (type(None), NONE),
    (Any, UNKNOWN),
    (object, UNKNOWN),
    (typing.NoReturn, Scalar("never")),
    (bool, Scalar("bool")),
    (int, Scalar("int")),
    (float, Scalar("float")),
    (complex, Scalar("complex")),
    (str, Scalar("str")),
    (bytes, Scalar("bytes")),
    (bytearray, Scalar("bytes", python=bytearray)),
    (memoryview, Scalar("bytes", python=memoryview)),
    (dt.datetime, Scalar("datetime")),
    (dt.date, Scalar("date")),
    (dt.time, Scalar("time")),
    (dt.timedelta, Scalar("timedelta")),
    (uuid.UUID, Scalar("uuid")),
    (decimal.Decimal, Scalar("decimal")),
]
_PATHS = frozenset(
    {"Path", "PosixPath", "PurePath", "PurePosixPath", "PureWindowsPath", "WindowsPath"}
)
# By class and name: they stand in typing or typing_extensions, by Python's version.
_SPECIAL = {
    "Never": Scalar("never"),
    "NoReturn": Scalar("never"),
    "LiteralString": Scalar("str"),
    "Buffer": Scalar("bytes"),
    "ByteString": Scalar("bytes"),
}
_TYPING = {"typing", "typing_extensions", "collections.abc"}
_PYDANTIC = {
    "NaiveDatetime": Scalar("naive_datetime"),
    "AwareDatetime": Scalar("datetime"),
    "PastDatetime": Scalar("datetime"),
    "FutureDatetime": Scalar("datetime"),
    "PastDate": Scalar("date"),
    "FutureDate": Scalar("date"),
    "EmailStr": Scalar("str"),
}
# A user's subclass of one of these travels as what it is made of.
_EXTENSIBLE = ((str, "str"), (int, "int"), (float, "float"), (bytes, "bytes"))


def scalar_of(annotation: Any) -> Type | None:
    """Return the scalar that an annotation means, or None for anything else."""
    for known, type_ in _BY_IDENTITY:
        if annotation is known:
            return type_
    module, name = getattr(annotation, "__module__", ""), _name(annotation)
    if module in _TYPING:
        return _SPECIAL.get(name)
    if module in ("pydantic.types", "pydantic.networks"):
        return _PYDANTIC.get(name)
    path = _path_of(annotation, name)
    if path is not None:
        return path
    if isinstance(annotation, type) and not issubclass(annotation, enum.Enum):
        for parent, kind in _EXTENSIBLE:
            if issubclass(annotation, parent) and annotation is not bool and module != "numpy":
                return Scalar(kind, python=annotation)
    return None


def _path_of(annotation: Any, name: str) -> Type | None:
    """Return the path that a class means; `pathlib` is loaded wherever somebody has one of its classes."""
    if annotation is os.PathLike:
        from pathlib import Path

        return Scalar("path", python=Path)
    if name not in _PATHS or annotation is not getattr(sys.modules.get("pathlib"), name, None):
        return None
    return Scalar("path") if name == "Path" else Scalar("path", python=annotation)


def _name(annotation: Any) -> str:
    return str(getattr(annotation, "__name__", None) or getattr(annotation, "_name", None) or "")
