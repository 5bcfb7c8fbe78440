"""`Module`: how user code says what of it can be called."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, overload

from synapse_worker.worker.method import Method, MethodOptions, is_error_class
from synapse_worker.worker.services import Service, keep_options

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal, TypeVar

    Function = TypeVar("Function", bound=Callable[..., Any])
    Class = TypeVar("Class", bound=type)
    ErrorClass = TypeVar("ErrorClass", bound=type[BaseException])


class Codec:
    """How a user's own type travels: as a value of the type `wire`."""

    __slots__ = ("cls", "decode", "encode", "wire")

    def __init__(
        self, cls: type, wire: Any, encode: Callable[[Any], Any], decode: Callable[[Any], Any]
    ) -> None:
        self.cls = cls
        self.wire = wire
        self.encode = encode
        self.decode = decode


class Module:
    """The functions and classes a Python module offers to its callers.

        app = Module()

        @app.method
        def add(a: int, b: int) -> int:
            return a + b

    Generators become streams; `async def` functions run on one event loop. What is decorated stays
    the plain function or class it is, so it can be called and tested as always. Annotations are what
    callers see and what arguments are checked by; a function without any takes and gives anything.
    """

    def __init__(self, name: str | None = None) -> None:
        self.name = name
        # The docstring of the file that makes it: what the module is, to its callers.
        self.documentation: str | None = sys._getframe(1).f_globals.get("__doc__")  # noqa: SLF001 (as namedtuple does)
        self.methods: dict[str, Method] = {}
        self.services: dict[str, Service] = {}
        self.errors: dict[str, type[BaseException]] = {}
        self.codecs: dict[type, Codec] = {}
        self.preloads: list[Callable[[], Any]] = []
        self.setups: list[Callable[[], Any]] = []
        self.teardowns: list[Callable[[], Any]] = []

    @overload
    def method(self, function: Function, /) -> Function: ...

    @overload
    def method(
        self,
        /,
        *,
        name: str | None = None,
        raises: type[BaseException] | tuple[type[BaseException], ...] = (),
        validate: Literal["msgspec", "pydantic", False] | None = None,
        idempotent: bool = False,
        concurrency: int | None = None,
    ) -> Callable[[Function], Function]: ...

    def method(
        self,
        function: Callable[..., Any] | None = None,
        /,
        *,
        name: str | None = None,
        raises: type[BaseException] | tuple[type[BaseException], ...] = (),
        validate: Literal["msgspec", "pydantic", False] | None = None,
        idempotent: bool = False,
        concurrency: int | None = None,
    ) -> Callable[..., Any]:
        """Offer a function to callers, under its own name or under `name`.

        `raises` names the errors that callers may want to tell apart. Arguments are converted to their
        annotations before the function runs; `validate="pydantic"` has pydantic do it, by its own
        rules, and `validate=False` passes them on as they came.

        A method that does no harm when it runs twice is `idempotent`: a call of it whose worker died is
        made again. At most `concurrency` calls of it run at once, over all workers of a client. Both can
        also be said of the methods of a service, in its class; callers may decide otherwise.

        Raises:
            ValueError: two functions of one name, or an option that has no such value.
            TypeError: what is decorated cannot be called, or `raises` names something else than errors.
        """
        classes = raises if isinstance(raises, tuple) else (raises,)
        options = MethodOptions(idempotent=idempotent, concurrency=concurrency)

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            if _is_in_class_body(function):
                if name or classes or validate is not None:
                    raise TypeError(
                        "Of a method in a class, @app.method says `idempotent` and `concurrency` alone."
                    )
                keep_options(function, options)
                return function
            method = Method(function, name, raises=classes, validate=validate, options=options)
            self._check_new(method.name)
            self.methods[method.name] = method
            return function

        return register if function is None else register(function)

    @overload
    def service(self, cls: Class, /) -> Class: ...

    @overload
    def service(self, /, *, name: str | None = None) -> Callable[[Class], Class]: ...

    def service(self, cls: type | None = None, /, *, name: str | None = None) -> Any:
        """Offer a class to callers: they make instances, which live in the worker, and call their methods.

        Methods whose names begin with an underscore stay private. When the caller lets go of an instance,
        or the worker ends, its `__aexit__`, `__exit__`, `aclose` or `close` is called: the first there is.

        Raises:
            ValueError: the name is taken.
            TypeError: what is decorated is no class.
        """

        def register(cls: type) -> type:
            service = Service(cls, name)
            self._check_new(service.name)
            self.services[service.name] = service
            return cls

        return register if cls is None else register(cls)

    def error(self, cls: ErrorClass, /) -> ErrorClass:
        """Declare an exception that callers may want to tell apart.

        The fields of a dataclass, or the annotated attributes, travel as the error's `details`.

        Raises:
            TypeError: it is no exception class.
        """
        if not is_error_class(cls):
            raise TypeError(f"@app.error decorates exception classes, not {cls!r}.")
        self.errors[cls.__name__] = cls
        return cls

    def codec(
        self,
        cls: type,
        /,
        *,
        wire: Any,
        encode: Callable[[Any], Any],
        decode: Callable[[Any], Any],
    ) -> None:
        """Have values of `cls` travel as `encode(value)`, a value of the type `wire`, and come back by `decode`.

            app.codec(Money, wire=str, encode=str, decode=Money.parse)

        Raises:
            TypeError: `cls` is no class, or one of the functions cannot be called.
            ValueError: the class has a codec already.
        """
        if not isinstance(cls, type):
            raise TypeError(f"app.codec() takes a class, not {cls!r}.")
        if not all(map(callable, (encode, decode))):
            raise TypeError(f"encode and decode of the codec for {cls.__name__} must be functions.")
        if cls in self.codecs:
            raise ValueError(f"{cls.__name__} has a codec already.")
        self.codecs[cls] = Codec(cls, wire, encode, decode)

    def preload(self, function: Function, /) -> Function:
        """Have `function` (sync, no arguments) run once, right after the module is imported.

        Where workers are forked from one warm process it runs there, once for all of them, and they
        share the memory that it fills: load what is only read. Open connections and start threads in a
        setup instead, which every worker runs by itself. A worker that is not forked runs its preloads
        before its setups.

        Raises:
            TypeError: it is asynchronous: an event loop does not survive the fork.
        """
        method = Method(function, "preload")
        if method.is_async or method.is_stream:
            raise TypeError(
                f"@app.preload takes plain functions, and {method.function!r} is none. Let @app.setup "
                "run it: an event loop does not survive the fork."
            )
        self.preloads.append(function)
        return function

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

    def _check_new(self, name: str) -> None:
        if name.startswith("$"):
            raise ValueError(f"The name {name!r} is reserved: names must not begin with '$'.")
        if name in self.methods or name in self.services:
            kind = "method" if name in self.methods else "service"
            raise ValueError(
                f"The module already has a {kind} {name!r}. Rename one of the two, or give "
                f"one another name: @app.method(name=…)."
            )


def _is_in_class_body(function: object) -> bool:
    """Whether `function` is being decorated while the body of its class runs."""
    frame = sys._getframe()  # noqa: SLF001  # as above
    while frame.f_globals is globals() and frame.f_back is not None:
        frame = frame.f_back
    owner = frame.f_locals.get("__qualname__")
    name = getattr(function, "__qualname__", "")
    return owner is not None and name.rpartition(".")[0] == owner
