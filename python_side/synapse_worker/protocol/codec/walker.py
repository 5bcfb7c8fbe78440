"""The slow way round: walk a value that the library refused, make it plain, and say where it cannot be.

Taken only after the library's own encoder failed. It knows every place by its path (`$.items[3].fn`), turns
integers beyond 64 bits into extensions and leaves a value that the library encodes at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import EncodeError
from ..limits import MAX_DEPTH
from .extensions import extension_of
from .refusals import RefusedError, refusal
from .scalars import EXT_BIG_INT, INT_MIN, UINT_MAX, big_int_to_bytes, plain_scalar

MAX_STEPS = 8
"""Times one value may be replaced by a simpler one: an enum of a numpy scalar takes two."""


class Walker:
    """Make values plain. `extension(code, data)` makes what the library writes as an extension."""

    def __init__(
        self, extension: Callable[[int, bytes], object], record: Callable[[Any], Any | None]
    ) -> None:
        self._extension = extension
        self._record = record

    def plain(self, value: Any, path: str = "$", depth: int = 0) -> Any:
        """Return `value` with nothing in it but what the library is sure to encode.

        Raises:
            EncodeError: something in it does not travel.
        """
        for _ in range(MAX_STEPS):
            kind = type(value)
            if value is None or kind in (bool, float, bytes):
                return value
            if kind is int:
                return value if INT_MIN <= value <= UINT_MAX else self._big(value, path)
            if kind is str:
                return _text(value, path)
            if isinstance(value, Mapping):
                return self._mapping(value, path, depth + 1)
            if isinstance(value, list | tuple | set | frozenset):
                _check_depth(depth + 1, path)
                return [
                    self.plain(item, f"{path}[{index}]", depth + 1)
                    for index, item in enumerate(value)
                ]
            extension = self._extension_of(value, path)
            if extension is not None:
                return extension
            simpler = self._simpler(value, path)
            if simpler is value:
                return value
            value = simpler
        raise refusal(f"{type(value).__qualname__} does not come down to a plain value", path)

    def _extension_of(self, value: Any, path: str) -> object | None:
        try:
            extension = extension_of(value)
        except RefusedError as reason:
            raise refusal(str(reason), path) from None
        return None if extension is None else self._extension(*extension)

    def _simpler(self, value: Any, path: str) -> Any:
        try:
            fields = self._record(value)
            return plain_scalar(value) if fields is None else fields
        except RefusedError as reason:
            raise refusal(str(reason), path) from None
        except Exception as failure:  # a property or conversion of the user's own
            raise refusal(
                f"{type(value).__qualname__} raised {failure!r:.200} on the way", path, failure
            ) from failure

    def _big(self, value: int, path: str) -> object:
        try:
            return self._extension(EXT_BIG_INT, big_int_to_bytes(value))
        except RefusedError as reason:
            raise refusal(str(reason), path) from None

    def _mapping(self, value: Mapping[Any, Any], path: str, depth: int) -> dict[Any, Any]:
        _check_depth(depth, path)
        result = {}
        for key, item in value.items():
            where = f"{path}{step(key)}"
            result[self._key(key, where, depth)] = self.plain(item, where, depth)
        return result

    def _key(self, key: Any, path: str, depth: int) -> Any:
        plain = self.plain(key, path, depth)
        if isinstance(plain, list):
            return tuple(map(_frozen, plain))
        try:
            hash(plain)
        except TypeError:
            raise refusal(f"a key of type {type(key).__qualname__} cannot travel", path) from None
        return plain


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def step(key: object) -> str:
    """Return the path's step to the value of `key`."""
    if isinstance(key, str):
        return f".{key}" if key.isidentifier() else f"[{key[:64]!r}]"
    if (
        key is None
        or isinstance(key, float | bytes | tuple)
        or (isinstance(key, int) and abs(key) < 2**64)
    ):
        return f"[{key!r:.64}]"
    return f"[<{type(key).__name__}>]"


def _text(value: str, path: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as failure:
        raise refusal(
            f"the text has a lone surrogate ({value[failure.start]!r} at {failure.start}), which UTF-8 cannot hold; "
            "send bytes, or text.encode('utf-8', 'replace').decode()",
            path,
            failure,
        ) from None
    return value


def _check_depth(depth: int, path: str) -> None:
    if depth > MAX_DEPTH:
        raise EncodeError(
            f"Cannot encode {_shortened(path)}: more than {MAX_DEPTH} containers inside one another. Is it a structure "
            "that contains itself? Send a flat form, such as a list with indices.",
            path=_shortened(path),
            code="DEPTH_EXCEEDED",
        )


def _shortened(path: str) -> str:
    return path if len(path) <= 64 else f"{path[:48]}…"


def record_fields(value: Any) -> Any | None:
    """Return the fields of a dataclass or attrs instance by name, or None for anything else."""
    if isinstance(value, type):
        return None
    if hasattr(type(value), "__dataclass_fields__"):
        import dataclasses  # whoever wrote the class has paid for it

        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    attributes = getattr(type(value), "__attrs_attrs__", None)
    if attributes is not None:
        return {attribute.name: getattr(value, attribute.name) for attribute in attributes}
    return None
