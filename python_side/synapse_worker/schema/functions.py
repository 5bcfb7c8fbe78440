"""Functions: their parameters, what they return or stream, overloads, and what they say they raise."""

from __future__ import annotations

import collections.abc as abc
import sys
import typing
from collections import ChainMap
from contextlib import suppress
from types import FunctionType
from typing import TYPE_CHECKING, Any, get_args, get_origin

from synapse_worker.frozen import Frozen, replace
from synapse_worker.protocol.errors import SynapseError

from .callables import AWAITABLES, annotated
from .classes.typed_dicts import recognise as is_typed_dict
from .classes.typed_dicts import typed_dict_fields
from .constraints import read_metadata
from .containers import ASYNC, unpacked_argument
from .defaults import default_of
from .definitions import Function, Overload, Parameter
from .docstrings import parse_docstring, with_deprecation
from .errors import error_names
from .reach import refuse_unreachable
from .signatures import (
    EMPTY,
    TAKES_ANYTHING,
    VAR_KEYWORD,
    VAR_POSITIONAL,
    Signature,
    Written,
    signature_of,
)
from .sources import class_names, function_names, function_source, unwrapped
from .type_variables import free_variables, problem_with
from .types import TypeVariable
from .walk import Place, schema_invalid

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .describer import Describer
    from .types import Type

_STREAMS = (abc.Iterator, abc.Generator, *ASYNC)


class Offered(Frozen):
    """A function as a module offers it: what its signature does not say."""

    name: str
    # How messages call it: `Counter.increment()`.
    where: str
    is_generator: bool = False
    is_async: bool = False
    is_static: bool = False
    raises: Sequence[type] = ()
    # The class whose method it is.
    owner: Any = None
    # Whether the first parameter is the instance or class, which a caller does not give.
    is_bound: bool = False


def described_function(function: Any, offered: Offered, describer: Describer) -> Function:
    """Return the description of a function.

    Raises:
        SynapseError: `SCHEMA_INVALID`: something in its signature cannot be described.
    """
    place = Place(
        f"{offered.where}()",
        names=_names(function, offered.owner),
        source=lambda: function_source(function),
        owner=offered.owner,
    )
    signature = _signature(function, place, describer)
    overloads = _overloads(function, offered, place, describer)
    bindings = {} if overloads else _bindings(signature, offered, place, describer)
    inner = place.at(place.where, bindings=bindings)
    parameters = _parameters(signature, inner, describer, is_bound=offered.is_bound)
    returns, is_stream, is_awaited = _result(signature, offered, inner, describer)
    for parameter in parameters:
        at = place.at(f"{place.where}: parameter {parameter.name}", direction="input")
        refuse_unreachable(parameter.type, at, describer)
    refuse_unreachable(returns, place.at(f"{place.where}: result", direction="output"), describer)
    documentation = parse_docstring(_docstring(function, offered))
    told = {**_annotated_documentation(signature, place, describer), **documentation.parameters}
    documentation = replace(documentation, parameters=told)
    deprecated = getattr(function, "__deprecated__", None)
    return Function(
        offered.name,
        parameters,
        returns,
        is_stream=is_stream,
        is_async=offered.is_async or is_awaited,
        is_static=offered.is_static,
        overloads=overloads,
        raises=error_names(offered.raises, documentation, place, describer),
        documentation=with_deprecation(documentation, deprecated),
        type_parameters=tuple(variable.__name__ for variable in bindings),
    )


def _bindings(
    signature: Signature, offered: Offered, place: Place, describer: Describer
) -> dict[Any, Type]:
    """Return what a function's own type variables are: themselves, where TypeScript can have them."""
    resolved: list[Any] = []
    annotations = [parameter.annotation for parameter in signature.parameters]
    for annotation in (*annotations, signature.returns):
        with suppress(SynapseError):  # told where the annotation is described
            is_text = isinstance(annotation, str)
            resolved.append(describer.resolve(annotation, place) if is_text else annotation)
    found: dict[Any, Type] = {
        variable: TypeVariable(variable.__name__)
        for variable in free_variables(resolved, offered.owner)
    }
    if not found:
        return {}
    inner = place.at(place.where, bindings=found)
    parameters = _parameters(signature, inner, describer, is_bound=offered.is_bound)
    returns, _, _ = _result(signature, offered, inner, describer)
    problems = {
        variable: problem_with(variable.__name__, parameters, returns, describer.definitions)
        for variable in found
    }
    for problem in filter(None, problems.values()):
        describer.unknown(place, problem, "Name its type, or take it as a plain parameter.")
    return {variable: type_ for variable, type_ in found.items() if problems[variable] is None}


def _names(function: Any, owner: Any) -> Mapping[str, Any]:
    names = function_names(function)
    # Annotations of a method may name what its class holds, after what its module does.
    return names if owner is None else ChainMap(*names.maps, *class_names(owner).maps)


def _signature(function: Any, place: Place, describer: Describer) -> Signature:
    try:
        return signature_of(function)
    except (TypeError, ValueError):
        describer.unknown(
            place,
            "Python knows no signature of it, so it takes anything.",
            "Offer an annotated function that calls it.",
        )
        return TAKES_ANYTHING


def _parameters(
    signature: Signature, place: Place, describer: Describer, *, is_bound: bool
) -> tuple[Parameter, ...]:
    given = list(signature.parameters)
    if is_bound and given and given[0].kind != VAR_POSITIONAL:
        given = given[1:]
    return tuple(
        described for parameter in given for described in _parameter(parameter, place, describer)
    )


def _parameter(parameter: Written, place: Place, describer: Describer) -> Iterator[Parameter]:
    at = place.at(f"{place.where}: parameter {parameter.name}", direction="input")
    annotation = annotated(parameter.annotation)
    if isinstance(annotation, str):
        annotation = describer.resolve(annotation, at)
    if parameter.kind == VAR_KEYWORD:
        unpacked = unpacked_argument(annotation)
        if unpacked is not None:
            yield from _unpacked_keywords(unpacked, at, describer)
            return
    is_star = parameter.kind in (VAR_POSITIONAL, VAR_KEYWORD)
    yield Parameter(
        parameter.name,
        parameter.kind,
        _star_type(annotation, at, describer) if is_star else describer.describe(annotation, at),
        required=parameter.default is EMPTY and not is_star,
        default=None if parameter.default is EMPTY else default_of(parameter.default),
    )


def _star_type(annotation: Any, place: Place, describer: Describer) -> Type:
    """Return the type of one of `*args`; ParamSpec's own are anything."""
    if type(annotation).__name__ in ("ParamSpecArgs", "ParamSpecKwargs", "TypeVarTuple"):
        return describer.describe(Any, place)
    unpacked = unpacked_argument(annotation)
    if unpacked is None:
        return describer.describe(annotation, place)
    arguments = get_args(unpacked)
    if get_origin(unpacked) is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return describer.describe(arguments[0], place)
    return describer.unknown(
        place,
        f"its arguments are unpacked from {unpacked!r}, one after the other.",
        "Write them as parameters.",
    )


def _unpacked_keywords(unpacked: Any, place: Place, describer: Describer) -> Iterator[Parameter]:
    """Yield the keywords that `**kwargs: Unpack[Options]` takes: the fields of a TypedDict."""
    if isinstance(unpacked, str) or type(unpacked).__name__ == "ForwardRef":
        unpacked = describer.resolve(getattr(unpacked, "__forward_arg__", unpacked), place)
    cls = get_origin(unpacked) or unpacked
    if not is_typed_dict(cls):
        raise schema_invalid(place, f"Unpack[{cls!r}] unpacks no TypedDict.", "Give it one.")
    reference = describer.describe(unpacked, place)
    arguments = getattr(reference, "arguments", ())
    bindings = dict(zip(getattr(cls, "__parameters__", ()), arguments, strict=False))
    inner = Place(
        place.where,
        class_names(cls),
        place.source,
        bindings=bindings,
        owner=cls,
        direction="input",
    )
    for field in typed_dict_fields(cls, inner, describer, {}).values():
        yield Parameter(field.name, "keyword_only", field.type, required=field.required)


def _result(
    signature: Signature, offered: Offered, place: Place, describer: Describer
) -> tuple[Type, bool, bool]:
    """Return the type of a result or of a stream's item, whether it streams, and whether it is awaited."""
    at = place.at(f"{place.where}: result", direction="output")
    annotation = annotated(signature.returns)
    annotation = describer.resolve(annotation, at) if isinstance(annotation, str) else annotation
    is_awaited = get_origin(annotation) in AWAITABLES
    if is_awaited:
        annotation = get_args(annotation)[-1]
    origin = get_origin(annotation) or annotation
    if origin in _STREAMS or (offered.is_generator and origin is abc.Iterable):
        items = get_args(annotation)
        item = describer.describe(items[0], at) if items else describer.describe(Any, at)
        return item, True, is_awaited
    if offered.is_generator:
        if annotation is not Any:
            describer.unknown(
                at,
                "a generator does not return what the annotation says, so its items are not described.",
                "Annotate it as Iterator[T], or AsyncIterator[T] where it is async.",
            )
        return describer.describe(Any, at), True, is_awaited
    return describer.describe(annotation, at), False, is_awaited


def _docstring(function: Any, offered: Offered) -> str | None:
    """Return a function's docstring; for a method without one, that of what it overrides."""
    inner = unwrapped(function)
    own = getattr(inner, "__doc__", None)
    if own is not None or offered.owner is None:
        return own
    name = getattr(inner, "__name__", "")
    inherited = (vars(parent).get(name) for parent in offered.owner.__mro__[:-1])
    return next((method.__doc__ for method in inherited if getattr(method, "__doc__", None)), None)


def _overloads(
    function: Any, offered: Offered, place: Place, describer: Describer
) -> tuple[Overload, ...]:
    """Return the overloads Python remembers: from 3.11 on, or of typing_extensions."""
    found: list[Any] = []
    for library in (typing, sys.modules.get("typing_extensions")):
        get_overloads = getattr(library, "get_overloads", None)
        if get_overloads and not found and isinstance(unwrapped(function), FunctionType):
            found = get_overloads(unwrapped(function))
    overloads = []
    for overload in found:
        signature = signature_of(overload)
        parameters = _parameters(signature, place, describer, is_bound=offered.is_bound)
        returns, _, _ = _result(signature, offered, place, describer)
        overloads.append(Overload(parameters, returns))
    return tuple(overloads)


def _annotated_documentation(
    signature: Signature, place: Place, describer: Describer
) -> dict[str, str]:
    """Return what `Annotated[…, Doc("…")]` says of parameters."""
    found = {}
    for parameter in signature.parameters:
        annotation = parameter.annotation
        if isinstance(annotation, str):
            if "Annotated" not in annotation:
                continue
            annotation = describer.resolve(annotation, place)
        text = read_metadata(getattr(annotation, "__metadata__", ())).documentation
        if text:
            found[parameter.name] = text
    return found
