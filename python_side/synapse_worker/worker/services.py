"""Services: stateful classes of a module, as what can be called of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from synapse_worker.worker.method import NO_OPTIONS, Method, MethodOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NEW = "$new"
DISPOSE = "$dispose"
# Where a function in a class keeps what `@app.method(…)` said of it, until its class becomes a service.
OPTIONS_ATTRIBUTE = "__synapse_options__"


class ServiceMethod:
    """A method of a service; `is_static` ones are called on the class, without an instance."""

    __slots__ = ("is_static", "method")

    def __init__(self, method: Method, is_static: bool) -> None:
        self.method = method
        self.is_static = is_static


class Service:
    """A class whose instances live in the worker and are called by number."""

    def __init__(self, cls: Any, name: str | None = None) -> None:
        if not isinstance(cls, type):
            raise TypeError(f"@app.service decorates classes, not {type(cls).__name__} objects.")
        self.cls = cls
        self.name = name or cls.__name__
        self.is_annotated = _is_annotated(cls)
        self.methods = {method.method.name: method for method in _methods_of(cls)}

    def describe(self) -> dict[str, dict[str, Any]]:
        """Return the entries of this class's methods in the HELLO."""
        return {
            f"{self.name}.{name}": found.method.describe() for name, found in self.methods.items()
        }


def _is_annotated(cls: type) -> bool:
    """Whether anything is known of what the constructor takes."""
    if "__dataclass_fields__" in vars(cls):
        return True
    init = cls.__init__  # type: ignore[misc]  # the class's own is wanted
    return Method(init, NEW).is_annotated


def _methods_of(cls: type) -> Iterator[ServiceMethod]:
    """Yield what can be called: public methods, inherited ones too, an override once."""
    seen: set[str] = set()
    for ancestor in cls.__mro__[:-1]:
        for name, value in vars(ancestor).items():
            if name.startswith("_") or name in seen:
                continue
            seen.add(name)
            found = _method(cls, name, value)
            if found is not None:
                yield found


def _method(cls: type, name: str, value: Any) -> ServiceMethod | None:
    if isinstance(value, classmethod | staticmethod):
        function = getattr(cls, name)
        options = options_of(value, function)
        return ServiceMethod(Method(function, name, options=options), is_static=True)
    # Properties are no calls, nor are nested classes; anything else that binds to an instance is.
    if isinstance(value, property | type) or not (callable(value) and hasattr(value, "__get__")):
        return None
    return ServiceMethod(Method(value, name, options=options_of(value)), is_static=False)


def keep_options(function: Callable[..., Any], options: MethodOptions) -> None:
    """Remember what was said of a function in a class that may become a service."""
    setattr(function, OPTIONS_ATTRIBUTE, options)


def options_of(*candidates: object) -> MethodOptions:
    """Return what was said of one of these: a function, and perhaps what wraps it."""
    for candidate in candidates:
        found = getattr(candidate, OPTIONS_ATTRIBUTE, None)
        if isinstance(found, MethodOptions):
            return found
    return NO_OPTIONS
