"""Services: stateful classes, by their constructor and public methods."""

from __future__ import annotations

import functools
from types import FunctionType
from typing import TYPE_CHECKING, Any

from synapse_worker.frozen import replace

from .classes.data_classes import dataclass_fields
from .classes.data_classes import recognise as is_data_class
from .classes.generic import class_place
from .definitions import Function, Parameter, Service
from .docstrings import class_documentation
from .functions import Offered, described_function
from .signatures import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR
from .sources import unwrapped
from .types import ServiceReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .describer import Describer

# What every class has, and says nothing of a service.
_FOREIGN = {"builtins", "typing", "typing_extensions", "abc", "contextlib", "collections.abc"}


def described_service(cls: Any, name: str, describer: Describer) -> Service:
    """Return the description of a service.

    Raises:
        SynapseError: `SCHEMA_INVALID`: a method's signature cannot be described.
    """
    _warn_of_properties(cls, name, describer)
    methods = tuple(
        described_function(function, offered, describer)
        for function, offered in service_methods(cls, name)
    )
    return Service(
        name, described_constructor(cls, name, describer), methods, class_documentation(cls)
    )


def _warn_of_properties(cls: Any, name: str, describer: Describer) -> None:
    at = class_place(name, cls, describer)
    for attribute, value in _attributes(cls).items():
        if isinstance(value, (property, functools.cached_property)) and attribute[:1] != "_":
            describer.warn(
                at.at(f"{name}.{attribute}"),
                "a property is not offered: its value is read in Python, where the instance lives. "
                "Offer a method that returns it.",
            )


def described_constructor(cls: Any, name: str, describer: Describer) -> Function:
    """Return the constructor of a service as a function that returns a reference to it."""
    reference = ServiceReference(name)
    if is_data_class(cls) and "__init__" not in _written(cls):
        place = class_place(name, cls, describer)
        documentation = class_documentation(cls)
        found = dataclass_fields(cls, place, describer, documentation.parameters)
        keyword_only = {name for name, field in cls.__dataclass_fields__.items() if field.kw_only}
        parameters = sorted(
            (
                Parameter(
                    field.name,
                    "keyword_only" if field.name in keyword_only else "positional_or_keyword",
                    field.type,
                    required=field.required,
                    default=field.default,
                )
                for field in found
                if field.direction != "output"
            ),
            key=lambda parameter: parameter.kind == "keyword_only",
        )
        return Function("$new", tuple(parameters), reference, documentation=documentation)
    written = next((c for c in cls.__mro__ if "__init__" in vars(c) and c is not object), None)
    if written is None:
        return Function("$new", (), reference)
    offered = Offered("$new", f"{name}.__init__", owner=cls, is_bound=True)
    found_function = described_function(written.__init__, offered, describer)
    return replace(found_function, returns=reference)


def service_methods(cls: Any, name: str) -> Iterator[tuple[Any, Offered]]:
    """Yield each public method of a service as written, in the order of its class; bases first."""
    for method, attribute in _attributes(cls).items():
        is_static = isinstance(attribute, (staticmethod, classmethod))
        function = attribute.__func__ if is_static else attribute
        if method.startswith("_") or not _is_function(function):
            continue
        if isinstance(function, functools.partialmethod):
            function = getattr(cls, method)  # only there it has its signature
        code = getattr(unwrapped(function), "__code__", None)
        outer = getattr(function, "__code__", code)
        flags = outer.co_flags if outer else 0
        yield (
            function,
            Offered(
                method,
                f"{name}.{method}",
                is_generator=bool(flags & (CO_GENERATOR | CO_ASYNC_GENERATOR)),
                is_async=bool(flags & (CO_COROUTINE | CO_ASYNC_GENERATOR)),
                is_static=is_static,
                owner=cls,
                is_bound=not isinstance(attribute, staticmethod),
            ),
        )


def _attributes(cls: Any) -> dict[str, Any]:
    """Return what user code wrote into a class and its bases, those of the bases first."""
    found: dict[str, Any] = {}
    for owner in reversed(cls.__mro__):
        if owner.__module__ not in _FOREIGN:
            found.update(vars(owner))
    return found


def _is_function(attribute: Any) -> bool:
    """Say whether an attribute of a class is a method: no property, no class, no value."""
    return isinstance(
        attribute, (FunctionType, functools.partialmethod, type(functools.lru_cache(len)))
    )


def _written(cls: Any) -> set[str]:
    """Return the names a dataclass's author wrote, not what the decorator made."""
    init = vars(cls).get("__init__")
    file = getattr(getattr(init, "__code__", None), "co_filename", "<string>")
    return {"__init__"} if init is not None and not file.startswith("<") else set()
