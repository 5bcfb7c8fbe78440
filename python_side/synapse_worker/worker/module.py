"""`Module`: how user code says which of its functions can be called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from synapse_worker.worker.method import Method

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    Function = TypeVar("Function", bound=Callable[..., Any])


class Module:
    """The functions a Python module offers to its callers.

        app = Module()

        @app.method
        def add(a: int, b: int) -> int:
            return a + b

    Generators become streams; `async def` functions run on one event loop. A decorated function
    stays the plain function it is, so it can be called and tested as always.
    """

    def __init__(self, name: str | None = None) -> None:
        self.name = name
        self.methods: dict[str, Method] = {}
        self.setups: list[Callable[[], Any]] = []
        self.teardowns: list[Callable[[], Any]] = []

    @overload
    def method(self, function: Function, /) -> Function: ...

    @overload
    def method(self, /, *, name: str | None = None) -> Callable[[Function], Function]: ...

    def method(
        self, function: Callable[..., Any] | None = None, /, *, name: str | None = None
    ) -> Callable[..., Any]:
        """Offer a function to callers, under its own name or under `name`.

        Raises:
            ValueError: two functions of one name.
            TypeError: what is decorated cannot be called.
        """

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            method = Method(function, name)
            if method.name in self.methods:
                raise ValueError(
                    f"The module already has a method {method.name!r}. Rename one of the two, or give "
                    "one another name: @app.method(name=…)."
                )
            self.methods[method.name] = method
            return function

        return register if function is None else register(function)

    def setup(self, function: Function, /) -> Function:
        """Have `function` (sync or async, no arguments) run once, before the first call."""
        self.setups.append(function)
        return function

    def teardown(self, function: Function, /) -> Function:
        """Have `function` (sync or async, no arguments) run once, after the last call.

        Teardowns run in the reverse order of their registration.
        """
        self.teardowns.append(function)
        return function
