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

VALIDATIONS = (None, False, "msgspec", "pydantic")

# What a function that is no generator itself may say that it returns.
_SYNC_ITERATORS = frozenset({"Iterator", "Generator"})
_ASYNC_ITERATORS = frozenset({"AsyncIterator", "AsyncGenerator", "AsyncIterable"})
_AWAITABLES = frozenset({"Awaitable", "Coroutine"})


class MethodOptions:
    """What a module says of a method to whoever sends its calls."""

    __slots__ = ("concurrency", "idempotent")

    def __init__(self, *, idempotent: bool = False, concurrency: int | None = None) -> None:
        if type(idempotent) is not bool:
            raise ValueError(f"idempotent must be True or False, not {idempotent!r}.")
        if concurrency is not None and (type(concurrency) is not int or concurrency < 1):
            raise ValueError(f"concurrency must be an integer from 1 on, not {concurrency!r}.")
        self.idempotent = idempotent
        self.concurrency = concurrency

    def describe(self) -> dict[str, Any]:
        """Return what is added to the method's entry in the HELLO: only what is set."""
        told: dict[str, Any] = {}
        if self.idempotent:
            told["idempotent"] = True
        if self.concurrency is not None:
            told["concurrency"] = self.concurrency
        return told


NO_OPTIONS = MethodOptions()


class Method:
    """What is known of a function before it is first called."""

    __slots__ = (
        "function",
        "is_annotated",
        "is_async",
        "is_generator",
        "is_stream",
        "name",
        "options",
        "raises",
        "validate",
    )

    def __init__(
        self,
        function: Callable[..., Any],
        name: str | None = None,
        *,
        raises: tuple[type[BaseException], ...] = (),
        validate: str | bool | None = None,
        options: MethodOptions = NO_OPTIONS,
    ) -> None:
        if not callable(function):
            raise TypeError(
                f"@app.method decorates functions, not {type(function).__name__} objects."
            )
        name = name or getattr(function, "__name__", None)
        if not name:
            raise TypeError(f"{function!r} has no name; give it one: @app.method(name=…).")
        if validate not in VALIDATIONS:
            raise ValueError(
                f"validate must be 'msgspec', 'pydantic' or False, not {validate!r}; leave it out for the default."
            )
        for error in raises:
            if not is_error_class(error):
                raise TypeError(f"raises= takes exception classes, not {error!r}.")
        self.name = name
        self.function = function
        self.raises = raises
        self.validate = validate
        self.options = options
        plain = _plain_function(function)
        flags = plain.__code__.co_flags if plain is not None else 0
        annotations = _annotations(plain)
        self.is_annotated = bool(annotations)
        returned = _outermost_name(annotations.get("return"))
        # A generator runs step by step by itself; a function that says it returns an iterator makes one.
        self.is_generator = bool(flags & (CO_GENERATOR | CO_ASYNC_GENERATOR))
        self.is_stream = self.is_generator or returned in _SYNC_ITERATORS | _ASYNC_ITERATORS
        self.is_async = (
            bool(flags & (CO_COROUTINE | CO_ASYNC_GENERATOR))
            or returned in _ASYNC_ITERATORS | _AWAITABLES
        )

    def describe(self) -> dict[str, Any]:
        """Return this method's entry in the HELLO."""
        return {
            "kind": "stream" if self.is_stream else "call",
            "mode": "async" if self.is_async else "sync",
            **self.options.describe(),
        }


def is_error_class(value: object) -> bool:
    """Whether `value` is an exception class."""
    return isinstance(value, type) and issubclass(value, BaseException)


def _plain_function(function: Callable[..., Any]) -> FunctionType | None:
    """Return the function that a call would run, seen through partials and bound methods."""
    seen: Any = function
    while not isinstance(seen, FunctionType):
        inner = getattr(seen, "func", None) or getattr(seen, "__func__", None)
        if inner is None:
            call = getattr(type(seen), "__call__", None)  # noqa: B004  # its code is what matters
            inner = call if isinstance(call, FunctionType) else None
        if inner is None:
            return None
        seen = inner
    return seen


def _annotations(function: FunctionType | None) -> dict[str, Any]:
    """Return the annotations as they stand; Python 3.14 evaluates them now, and may fail."""
    try:
        return {} if function is None else function.__annotations__
    except Exception:
        return {"return": None}


def _outermost_name(annotation: object) -> str:
    """Return `Iterator` for `Iterator[int]`, also where it is text; nothing is evaluated or imported."""
    if isinstance(annotation, str):
        return annotation.partition("[")[0].strip().rpartition(".")[2]
    origin = getattr(annotation, "__origin__", annotation)
    return getattr(origin, "__name__", "")
