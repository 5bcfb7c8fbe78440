"""Why a value does not travel, and what to do about it."""

from __future__ import annotations

from ..errors import EncodeError


class RefusedError(Exception):
    """A value that does not travel; its text says why and what to do."""


def why_not(value: object) -> str:
    """Return why an object that nothing is known of does not travel."""
    kind = f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")
    if callable(value):
        return f"a function or class ({kind}) cannot travel; send what it returns"
    if hasattr(value, "__next__"):
        return f"an iterator ({kind}) cannot travel inside a value; send list(…), or make the method a generator"
    if hasattr(value, "__iter__"):
        return f"{kind} cannot travel; convert it first, as with list(…) or dict(…)"
    return f"{kind} cannot travel; return plain values or a dataclass"


def refusal(reason: str, path: str, cause: BaseException | None = None) -> EncodeError:
    """Return the error for a value at `path` that does not travel."""
    return EncodeError(f"Cannot encode {path}: {reason}.", path=path, cause=cause)
