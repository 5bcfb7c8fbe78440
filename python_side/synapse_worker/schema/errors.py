"""Exception classes that callers may want to tell apart, and the data they declare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, get_origin

from .classes.data_classes import dataclass_fields
from .classes.data_classes import recognise as is_data_class
from .classes.fields import described_field
from .classes.generic import class_place, declared_annotations, places_by_class
from .defaults import default_of
from .definitions import Documentation, ErrorDefinition, Field
from .docstrings import class_documentation
from .naming import definition_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .describer import Describer
    from .walk import Place

_ROOTS = (Exception, BaseException, object)


def error_names(
    raises: Sequence[type], documentation: Documentation, place: Place, describer: Describer
) -> tuple[str, ...]:
    """Return the keys of the errors a function says it raises: by `raises=`, and in its docstring.

    Of the docstring's names those count that mean an exception of user code; Python's own stay text.
    """
    found = list(raises)
    for name, _ in documentation.raises:
        cls = _named(name, place)
        if cls is not None and cls.__module__ != "builtins" and cls not in found:
            found.append(cls)
    return tuple(dict.fromkeys(define_error(cls, describer) for cls in found))


def define_error(cls: Any, describer: Describer) -> str:
    """Return the key of an error; have it described, with the ancestors its own package declares."""
    known = next((name for name, error in describer.errors.items() if error.python is cls), None)
    if known is not None:
        return known
    for parent in cls.__mro__[1:]:
        if (
            cls.__module__ != "builtins"
            and _is_error(parent)
            and parent.__module__.split(".")[0] == cls.__module__.split(".")[0]
        ):
            define_error(parent, describer)
    key = definition_name(cls, cls.__name__, describer.errors)
    describer.errors[key] = _described(key, cls, describer)
    return key


def _described(key: str, cls: Any, describer: Describer) -> ErrorDefinition:
    place = class_place(key, cls, describer)
    documentation = class_documentation(cls)
    declared: tuple[Field, ...] = ()
    if cls.__module__ == "builtins":
        documentation = Documentation()  # what Python says of its own is no news
    else:
        declared = tuple(_fields(cls, place, describer, documentation))
    return ErrorDefinition(
        key,
        module=cls.__module__,
        bases=tuple(parent.__name__ for parent in cls.__mro__[1:] if _is_error(parent)),
        fields=declared,
        documentation=documentation,
        python=cls,
    )


def _fields(
    cls: Any, place: Place, describer: Describer, documentation: Documentation
) -> Iterator[Field]:
    told = documentation.parameters
    if is_data_class(cls):
        yield from dataclass_fields(cls, place, describer, told)
        return
    places = places_by_class(place, cls, describer)
    seen: set[str] = set()
    for owner in reversed(list(_annotating(cls.__mro__))):
        at = places.get(owner, place)
        for name, annotation in declared_annotations(owner).items():
            if name.startswith("_") or name in seen or _is_class_variable(annotation):
                continue
            seen.add(name)
            has_default = hasattr(cls, name)
            yield described_field(
                name,
                annotation,
                at.at(f"{place.where}.{name}", source=place.source),
                describer,
                required=not has_default,
                default=default_of(getattr(cls, name)) if has_default else None,
                documentation=told.get(name, ""),
            )


def _annotating(classes: Iterable[Any]) -> Iterator[Any]:
    return (cls for cls in classes if cls not in _ROOTS and cls.__module__ != "builtins")


def _is_class_variable(annotation: Any) -> bool:
    if isinstance(annotation, str):
        return annotation.startswith(("ClassVar", "typing.ClassVar", "t.ClassVar"))
    return annotation is ClassVar or get_origin(annotation) is ClassVar


def _is_error(cls: Any) -> bool:
    return issubclass(cls, Exception) and cls not in _ROOTS


def _named(name: str, place: Place) -> Any:
    """Return the exception class that a docstring's name means, or None."""
    first, *rest = name.strip("`~ ").split(".")
    try:
        found = place.names[first]
        for part in rest:
            found = getattr(found, part)
    except (KeyError, AttributeError):
        return None
    return found if isinstance(found, type) and issubclass(found, Exception) else None
