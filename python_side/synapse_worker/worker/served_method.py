"""What the dispatcher runs for a called name: user code, with the conversions it needs around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Decoding = tuple[Any, Callable[..., Any]]


class ServedMethod:
    """A callable name, ready to be run.

    `function` is the user's, for reports about its signature; `target` is what is called. A stream's
    items go through `convert_item`, if there is one. That of a typed method converts its arguments itself, but
    for functions that stand where anything may: `accepts_functions` asks for them to be made callable before.

    `decoding(count)` says of that many arguments, all by position, as what types the codec decodes them before the
    call begins, which runs no user code, and what is then called with them. None: as anything, for `target`.
    """

    __slots__ = (
        "accepts_functions",
        "convert_item",
        "decoding",
        "function",
        "is_async",
        "is_stream",
        "last_run_ns",
        "name",
        "target",
    )

    def __init__(
        self,
        name: str,
        function: Callable[..., Any],
        *,
        target: Callable[..., Any] | None = None,
        is_async: bool = False,
        is_stream: bool = False,
        accepts_functions: bool = True,
        convert_item: Callable[[Any], Any] | None = None,
        decoding: Callable[[int], Decoding] | None = None,
    ) -> None:
        self.name = name
        self.function = function
        self.target = target or function
        self.is_async = is_async
        self.is_stream = is_stream
        self.accepts_functions = accepts_functions
        self.convert_item = convert_item
        self.decoding = decoding
        # Unknown counts as slow: replies before a first call are never held back.
        self.last_run_ns = 1 << 62
