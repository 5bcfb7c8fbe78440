"""Callable parameters: functions of JavaScript that Python can call."""

from __future__ import annotations

import collections.abc as abc
from types import FunctionType
from typing import Any, get_args, get_origin

from . import types as kinds
from .signatures import EMPTY, KEYWORD_ONLY, VAR_KEYWORD, VAR_POSITIONAL, signature_of
from .sources import function_names
from .walk import Place, Walker, schema_invalid

AWAITABLES = (abc.Awaitable, abc.Coroutine)


def callback_of(arguments: tuple[Any, ...], place: Place, walker: Walker) -> kinds.Type:
    """Return the callback that `Callable[arguments]` means."""
    _refuse_results(place)
    parameters: tuple[kinds.Type, ...] | None = None
    if arguments and isinstance(arguments[0], (list, tuple)):
        parameters = tuple(walker.describe(item, _inside(place)) for item in arguments[0])
    elif len(arguments) > 1 and arguments[0] is not Ellipsis and not _open(arguments[0]):
        parameters = tuple(walker.describe(item, _inside(place)) for item in arguments[:-1])
    return _with_result(parameters, arguments[-1] if arguments else Any, place, walker)


def protocol_callback(cls: Any, place: Place, walker: Walker) -> kinds.Type | None:
    """Return the callback that a Protocol with `__call__` means, or None for any other class."""
    call = vars(cls).get("__call__") if getattr(cls, "_is_protocol", False) else None
    if not isinstance(call, FunctionType):
        return None
    _refuse_results(place)
    signature = signature_of(call)
    inner = place.at(place.where, names=function_names(call))
    found: list[kinds.Type] = []
    for parameter in signature.parameters[1:]:
        if parameter.kind in (VAR_POSITIONAL, VAR_KEYWORD):
            return _with_result(None, signature.returns, inner, walker)
        if parameter.kind == KEYWORD_ONLY:
            raise schema_invalid(
                place,
                f"{cls.__name__}.__call__ has the keyword-only parameter {parameter.name!r}, and "
                "JavaScript functions have none.",
                "Make it positional.",
            )
        found.append(walker.describe(annotated(parameter.annotation), _inside(inner)))
    return _with_result(tuple(found), signature.returns, inner, walker)


def annotated(annotation: Any) -> Any:
    """Return an annotation of a signature; of none at all, `Any`."""
    return Any if annotation is EMPTY else annotation


def _with_result(
    parameters: tuple[kinds.Type, ...] | None, annotation: Any, place: Place, walker: Walker
) -> kinds.Type:
    annotation = annotated(annotation)
    if isinstance(annotation, str):
        annotation = walker.resolve(annotation, place)
    is_async = get_origin(annotation) in AWAITABLES or annotation in AWAITABLES
    if is_async:
        annotation = (get_args(annotation) or (Any,))[-1]
    returns = walker.describe(annotation, _inside(place))
    return kinds.Callback(parameters, returns, is_async)


def _inside(place: Place) -> Place:
    """Return the place of what a callback takes and gives: plain values, both ways."""
    return place.at(place.where, direction="callback")


def _open(argument: Any) -> bool:
    """Say whether a callable's parameters are a ParamSpec or Concatenate."""
    return type(argument).__name__ in ("ParamSpec", "_ConcatenateGenericAlias")


def _refuse_results(place: Place) -> None:
    if place.direction in ("output", "callback"):
        raise schema_invalid(
            place,
            "a function cannot travel from Python to JavaScript.",
            "Return data, or offer the function as a method of a service.",
        )
