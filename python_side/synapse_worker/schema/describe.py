"""Describe a module, or one of its functions when it is first needed.

A module is whatever has `methods`, `services`, `errors` and `codecs`: this room does not know the
worker. The same `Describer` may be used again and again; types are described once.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from synapse_worker.protocol.errors import SynapseError

from .classes.generic import class_place
from .definitions import Schema
from .describer import Describer
from .docstrings import parse_docstring
from .errors import define_error
from .functions import Offered, described_function
from .services import described_service
from .walk import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .definitions import Function, Service
    from .types import Type

__all__ = [
    "Describer",
    "describe_annotation",
    "describe_function",
    "describe_module",
    "describer_for",
]


def describer_for(module: Any) -> Describer:
    """Return a describer that knows a module's codecs and services."""
    services = _by_name(getattr(module, "services", None))
    return Describer(
        codecs=getattr(module, "codecs", None),
        services={cls: name for name, cls in services.items()},
    )


def describe_module(
    module: Any,
    name: str,
    *,
    documentation: str | None = None,
    describer: Describer | None = None,
) -> Schema:
    """Return the schema of a module; `documentation` is the docstring of its file, `describer` a new one for it.

    Raises:
        SynapseError: `SCHEMA_INVALID`; its details say file and line, and list as `problems` all
                that is wrong where it is more than one thing.
    """
    describer = describer or describer_for(module)
    for cls in _by_name(getattr(module, "errors", None)).values():
        define_error(cls, describer)
    problems: list[SynapseError] = []
    functions: list[Function] = []
    for method_name, method in module.methods.items():
        with _collected(problems):
            offer = _offer(method, method_name)
            functions.append(describe_function(method.function, describer, **offer))
    services: list[Service] = []
    for service, cls in _by_name(getattr(module, "services", None)).items():
        with _collected(problems):
            services.append(described_service(cls, service, describer))
    if problems:
        raise _together(problems)
    return Schema(
        name,
        tuple(functions),
        tuple(services),
        describer.definitions,
        describer.errors,
        parse_docstring(documentation),
        tuple(describer.warnings),
    )


def describe_function(
    function: Any,
    describer: Describer,
    *,
    name: str | None = None,
    is_generator: bool = False,
    is_async: bool = False,
    raises: Iterable[type] = (),
) -> Function:
    """Return the description of one function.

    Raises:
        SynapseError: `SCHEMA_INVALID`; its details say file and line.
    """
    found = name or str(getattr(function, "__name__", "function"))
    offered = Offered(
        found, found, is_generator=is_generator, is_async=is_async, raises=tuple(raises)
    )
    return described_function(function, offered, describer)


def describe_annotation(
    annotation: Any, describer: Describer | None = None, *, owner: Any = None
) -> Type:
    """Return the type of a lone annotation; `owner` is a class or module its names are looked up in."""
    describer = describer or Describer()
    if isinstance(owner, type):
        return describer.describe(annotation, class_place(owner.__name__, owner, describer))
    names = vars(sys.modules[owner]) if isinstance(owner, str) else vars(owner) if owner else {}
    return describer.describe(annotation, Place("annotation", names=names))


@contextlib.contextmanager
def _collected(problems: list[SynapseError]) -> Iterator[None]:
    try:
        yield
    except SynapseError as error:
        if error.code != "SCHEMA_INVALID":
            raise
        problems.append(error)


def _together(problems: list[SynapseError]) -> SynapseError:
    """Return one error for all that is wrong with a module, placed where the first thing is."""
    first, *others = problems
    if not others:
        return first
    told = [{**_details(error), "message": error.message} for error in problems]
    lines = [f"{one.get('file')}:{one.get('line')}: {one['message']}" for one in told[1:]]
    message = "\n".join((first.message, *lines))
    details = {**_details(first), "problems": told}
    return SynapseError("SCHEMA_INVALID", message, details=details, cause=first)


def _details(error: SynapseError) -> dict[str, Any]:
    return dict(error.details) if isinstance(error.details, Mapping) else {}


def _offer(method: Any, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "is_generator": bool(getattr(method, "is_stream", False)),
        "is_async": bool(getattr(method, "is_async", False)),
        "raises": getattr(method, "raises", None) or (),
    }


def _by_name(registered: Mapping[str, Any] | Iterable[type] | None) -> dict[str, Any]:
    """Return classes by name, however a module holds them: themselves, or things with a `cls`."""
    if not registered:
        return {}
    if not isinstance(registered, Mapping):
        return {cls.__name__: cls for cls in registered}
    return {name: getattr(item, "cls", item) for name, item in registered.items()}
