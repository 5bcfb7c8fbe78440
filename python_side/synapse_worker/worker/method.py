"""One callable function of a module: its name, and whether it streams or is asynchronous."""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

# Bits of `code.co_flags`; asking `inspect` would cost 17 ms of a cold start.
CO_GENERATOR = 0x20
CO_COROUTINE = 0x80
CO_ASYNC_GENERATOR = 0x200


class Method:
    """What the dispatcher knows about a function."""

    __slots__ = ("function", "is_async", "is_stream", "last_run_ns", "name")

    def __init__(self, function: Callable[..., Any], name: str | None = None) -> None:
        if not callable(function):
            raise TypeError(
                f"@app.method decorates functions, not {type(function).__name__} objects."
            )
        name = name or getattr(function, "__name__", None)
        if not name:
            raise TypeError(f"{function!r} has no name; give it one: @app.method(name=…).")
        flags = _code_flags(function)
        self.name = name
        self.function = function
        self.is_stream = bool(flags & (CO_GENERATOR | CO_ASYNC_GENERATOR))
        self.is_async = bool(flags & (CO_COROUTINE | CO_ASYNC_GENERATOR))
        # Unknown counts as slow: replies before a first call are never held back.
        self.last_run_ns = 1 << 62

    def describe(self) -> dict[str, str]:
        """Return this method's entry in the HELLO."""
        return {
            "kind": "stream" if self.is_stream else "call",
            "mode": "async" if self.is_async else "sync",
        }


def _code_flags(function: Callable[..., Any]) -> int:
    """Return the code flags of what a call would run, seen through partials and bound methods."""
    seen: Any = function
    while not isinstance(seen, FunctionType):
        inner = getattr(seen, "func", None) or getattr(seen, "__func__", None)
        if inner is None:
            call = getattr(type(seen), "__call__", None)  # noqa: B004  # its code is what matters
            inner = call if isinstance(call, FunctionType) else None
        if inner is None:
            return 0
        seen = inner
    return seen.__code__.co_flags
