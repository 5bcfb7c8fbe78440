"""Annotations that are no plain class: what typing, collections.abc and the `type` statement make."""

from __future__ import annotations

import collections.abc as abc
import enum
import os
import types
import typing
from typing import Any, get_args, get_origin

from . import types as kinds
from .callables import callback_of, protocol_callback
from .constraints import constrain, read_metadata
from .containers import container_of, is_container
from .defaults import LARGEST_INTEGER
from .definitions import AliasDefinition, NewTypeDefinition
from .docstrings import parse_docstring
from .sources import module_names
from .unions import union_of

if typing.TYPE_CHECKING:
    from .walk import Place, Walker

# Say something of a field, nothing of its type.
_QUALIFIERS = {"Required", "NotRequired", "ReadOnly", "Final", "ClassVar", "InitVar"}
_NAMESPACES = {"typing", "typing_extensions"}


def form_of(annotation: Any, place: Place, walker: Walker) -> kinds.Type | None:
    """Return the type of such an annotation, or None for a class."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if hasattr(annotation, "__metadata__"):
        metadata = read_metadata(annotation.__metadata__)
        return constrain(walker.describe(annotation.__origin__, place), metadata)
    if origin in (typing.Union, types.UnionType):
        return union_of(walker.describe(option, place) for option in arguments)
    name = _special_name(origin if origin is not None else annotation)
    if name == "Literal":
        return _literal(arguments, place, walker)
    if name in _QUALIFIERS:
        return walker.describe(arguments[0], place) if arguments else kinds.UNKNOWN
    if name == "Self":
        if place.owner is not None:
            return walker.describe(place.owner, place)
        return walker.unknown(place, "`Self` means nothing outside of a class.", "Name the class.")
    if name in ("TypeGuard", "TypeIs"):
        return kinds.Scalar("bool")
    if type(annotation).__name__ == "InitVar":
        return walker.describe(annotation.type, place)
    if type(annotation).__name__ == "TypeVar":
        return _variable(annotation, place, walker)
    if type(origin or annotation).__name__ == "TypeAliasType":
        return _alias(origin or annotation, arguments, place, walker)
    if hasattr(annotation, "__supertype__"):
        return _new_type(annotation, place, walker)
    if origin is abc.Callable or annotation in (abc.Callable, typing.Callable):
        return callback_of(arguments, place, walker)
    if origin is os.PathLike:
        return walker.describe(origin, place)
    bare = origin if origin is not None else annotation
    if bare is tuple and not arguments and annotation in (tuple, typing.Tuple):  # noqa: UP006  # the user's spelling
        return kinds.Array(kinds.UNKNOWN, python=tuple)
    if isinstance(bare, type) and is_container(bare):
        return container_of(bare, arguments, place, walker)
    return protocol_callback(bare, place, walker) if isinstance(bare, type) else None


def _special_name(form: Any) -> str:
    """Return the name of a special form of typing or typing_extensions, else nothing."""
    if isinstance(form, type) or getattr(form, "__module__", None) not in _NAMESPACES:
        return ""
    return str(getattr(form, "_name", None) or getattr(form, "__name__", ""))


def _literal(values: tuple[Any, ...], place: Place, walker: Walker) -> kinds.Type:
    wire = [value.value if isinstance(value, enum.Enum) else value for value in values]
    strange = [value for value in wire if not isinstance(value, (str, int, type(None)))]
    if strange:
        return walker.unknown(
            place,
            f"Literal[{strange[0]!r}] is no value that JavaScript could name.",
            "Literals of str, int, bool and None are.",
        )
    unsafe = [value for value in wire if isinstance(value, int) and abs(value) > LARGEST_INTEGER]
    if unsafe:
        return walker.unknown(
            place,
            f"Literal[{unsafe[0]!r}] is an integer that JavaScript's numbers cannot hold.",
            "Those within ±(2**53 - 1) are literals.",
        )
    pairs = {(type(value), value): python for value, python in zip(wire, values, strict=True)}
    return kinds.Literal(tuple(value for _, value in pairs), tuple(pairs.values()))


def _variable(variable: Any, place: Place, walker: Walker) -> kinds.Type:
    """Return what a type variable stands for; a free one for what is known of it."""
    for known, type_ in place.bindings.items():
        if known is variable:
            return type_
    if variable.__constraints__:
        return union_of(walker.describe(option, place) for option in variable.__constraints__)
    if variable.__bound__ is not None:
        return walker.describe(variable.__bound__, place.at(place.where, bindings={}))
    return variable_default(variable, place, walker) or kinds.UNKNOWN


def variable_default(variable: Any, place: Place, walker: Walker) -> kinds.Type | None:
    """Return the default of a type variable (PEP 696), if it has one."""
    has_default = getattr(variable, "has_default", None)
    if has_default is None or not has_default():
        return None
    return walker.describe(variable.__default__, place)


def _alias(alias: Any, arguments: tuple[Any, ...], place: Place, walker: Walker) -> kinds.Type:
    """Return the reference to a `type` statement."""
    if str(alias.__module__).split(".")[0] == "numpy":
        # NDArray, since NumPy 2.5: its argument is a dtype, no type of ours.
        value = alias.__value__
        return walker.describe(value[arguments] if arguments else value, place)

    def build(key: str) -> AliasDefinition:
        inner = place.at(
            key,
            names={
                **module_names(getattr(alias, "__module__", None)),
                **{variable.__name__: variable for variable in alias.__type_params__},
            },
            bindings={v: kinds.TypeVariable(v.__name__) for v in alias.__type_params__},
            direction="both",
        )
        names = tuple(variable.__name__ for variable in alias.__type_params__)
        return AliasDefinition(
            key, type=walker.describe(alias.__value__, inner), type_parameters=names
        )

    key = walker.define(alias, alias.__name__, build)
    return kinds.Reference(
        key, described_arguments(alias.__type_params__, arguments, place, walker)
    )


def described_arguments(
    variables: tuple[Any, ...], arguments: tuple[Any, ...], place: Place, walker: Walker
) -> tuple[kinds.Type, ...]:
    """Return the types a generic is given; for those it is not, what is known of its variables."""
    given = tuple(walker.describe(argument, place) for argument in arguments[: len(variables)])
    free = place.at(place.where, bindings={})
    rest = tuple(walker.describe(variable, free) for variable in variables[len(given) :])
    return (*given, *rest)


def _new_type(new_type: Any, place: Place, walker: Walker) -> kinds.Type:
    def build(key: str) -> NewTypeDefinition:
        names = module_names(getattr(new_type, "__module__", None))
        base = walker.describe(new_type.__supertype__, place.at(key, names=names, direction="both"))
        text = getattr(new_type, "__doc__", None)
        # The class NewType has a docstring of its own, which is not about this one.
        own = text if text != getattr(type(new_type), "__doc__", None) else None
        return NewTypeDefinition(
            key, base=base, documentation=parse_docstring(own), python=new_type
        )

    return kinds.Reference(walker.define(new_type, new_type.__name__, build))
