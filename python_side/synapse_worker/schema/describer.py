"""`Describer`: walks annotations, and keeps the definitions and warnings it meets on the way.

One describer serves a whole module, so that types are described once. It imports nothing: libraries
(numpy, pydantic…) are known by what user code has loaded.
"""

from __future__ import annotations

import builtins
import sys
import typing
from collections import ChainMap
from typing import TYPE_CHECKING, Any, get_origin

from synapse_worker.protocol.errors import SynapseError

from . import types as kinds
from .checking_imports import CheckingImports
from .definitions import AliasDefinition, Definition, ErrorDefinition, SchemaWarning
from .forms import form_of
from .naming import definition_name
from .scalars import scalar_of
from .unions import with_discriminators
from .walk import Place, schema_invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


_NAMED_ALIAS = (
    "a `type` alias"
    if sys.version_info >= (3, 12)
    else "an alias made by typing_extensions.TypeAliasType"
)


class Describer:
    """What is known of a module's types.

    `codecs` are the user's own (class → an object with `wire`); `services` the names of its services.
    """

    def __init__(
        self, codecs: Mapping[type, Any] | None = None, services: Mapping[type, str] | None = None
    ) -> None:
        self.codecs: Mapping[type, Any] = codecs or {}
        self.services: Mapping[type, str] = services or {}
        self.definitions: dict[str, Definition] = {}
        self.errors: dict[str, ErrorDefinition] = {}
        self.warnings: list[SchemaWarning] = []
        # The names that definitions have, or will have when they are built; by identity of what
        # they describe, which is kept alive here.
        self._names: dict[int, tuple[Any, str]] = {}
        # Aliases that are being described, by identity; with a name once they were met again inside.
        self._open: dict[int, str | None] = {}
        self._aliases: dict[kinds.Type, str] = {}
        self._depth = 0

    def type_of(
        self,
        annotation: Any,
        owner_globals: Mapping[str, Any] | None = None,
        where: str = "annotation",
    ) -> kinds.Type:
        """Return the type an annotation means; names in it are looked up in `owner_globals`.

        Raises:
            SynapseError: `SCHEMA_INVALID`: it cannot be described.
        """
        return self.describe(annotation, Place(where, names=owner_globals or {}))

    def describe(self, annotation: Any, place: Place) -> kinds.Type:
        """Return the type that an annotation at a place means."""
        if self._depth:
            return self._describe(annotation, place)
        before, names_before = len(self.definitions), len(self._names)
        self._depth += 1
        try:
            found = self._describe(annotation, place)
        except SynapseError:
            # What was described on the way may name what could not be.
            for name in list(self.definitions)[before:]:
                del self.definitions[name]
            for identity in list(self._names)[names_before:]:
                del self._names[identity]
            raise
        except RecursionError as error:
            raise schema_invalid(
                place,
                "the annotation nests deeper than Python can follow.",
                f"Give its inner part a name: a dataclass, a TypedDict or {_NAMED_ALIAS}.",
                error,
            ) from error
        finally:
            self._depth -= 1
        # Only now is every definition complete, and with them what tells unions apart.
        for name in list(self.definitions)[before:]:
            self.definitions[name] = with_discriminators(self.definitions[name], self.definitions)
        return with_discriminators(found, self.definitions)

    def _describe(self, annotation: Any, place: Place) -> kinds.Type:
        custom = self._custom(annotation, place)
        if custom is not None:
            return custom
        if isinstance(annotation, str):
            return self._named(annotation, place)
        if isinstance(annotation, typing.ForwardRef) or type(annotation).__name__ == "ForwardRef":
            return self._named(annotation.__forward_arg__, self._forward_place(annotation, place))
        scalar = scalar_of(annotation)
        if scalar is not None:
            return scalar
        found = form_of(annotation, place, self)
        if found is not None:
            if isinstance(found, kinds.Union) and found in self._aliases:
                return kinds.Reference(self._aliases[found])
            return found
        return self._class(annotation, place)

    def _custom(self, annotation: Any, place: Place) -> kinds.Type | None:
        """Return the type of a class that has a codec, of a service, or of the class `Self` means."""
        cls = annotation if isinstance(annotation, type) else get_origin(annotation)
        if not isinstance(cls, type):
            return None
        if cls in self.codecs:
            codec = self.codecs[cls]
            wire = self.describe(
                codec.wire, place.at(f"{place.where}: the wire type of {cls.__name__}")
            )
            return kinds.Custom(getattr(codec, "name", None) or cls.__name__, wire, python=cls)
        if cls in self.services:
            if place.direction not in ("output", "both"):
                raise schema_invalid(
                    place,
                    f"the service {self.services[cls]} cannot be a parameter.",
                    "Make this function a method of the service, or take data instead.",
                )
            return kinds.ServiceReference(self.services[cls])
        return None

    def _class(self, annotation: Any, place: Place) -> kinds.Type:
        cls = get_origin(annotation) or annotation
        from .classes.families import FAMILIES  # most modules have no classes in their annotations

        for family in FAMILIES:
            if family.recognise(cls):
                return family.describe(annotation, place, self)
        name = getattr(cls, "__qualname__", None) or repr(annotation)
        return self.unknown(
            place,
            f"{name} says nothing of its data.",
            "Make it a dataclass, or register a codec for it: app.codec(…).",
        )

    def _named(self, text: str, place: Place) -> kinds.Type:
        """Describe an annotation that is a string; an alias that names itself becomes a definition."""
        if not text.isidentifier():
            return self._describe(self.resolve(text, place), place)
        value = self.resolve(text, place)
        if isinstance(value, type) or scalar_of(value) is not None:
            return self._describe(value, place)
        if id(value) in self._names:
            return kinds.Reference(self._names[id(value)][1])
        if id(value) in self._open:
            taken = {key for _, key in self._names.values()} | set(self.definitions)
            name = self._open[id(value)] or definition_name(None, text, taken)
            self._open[id(value)] = name
            return kinds.Reference(name)
        self._open[id(value)] = None
        try:
            found = self._describe(value, place)
        finally:
            own_name = self._open.pop(id(value))
        if own_name is None:
            return found
        self._names[id(value)] = (value, own_name)
        self.definitions[own_name] = AliasDefinition(own_name, type=found)
        self._aliases[found] = own_name
        return kinds.Reference(own_name)

    def resolve(self, text: str, place: Place) -> Any:
        """Return what an annotation that is a string means.

        Raises:
            SynapseError: `SCHEMA_INVALID`: a name in it means nothing where it stands.
        """
        try:
            # As typing does: annotations are code of the module itself.
            return eval(text, {}, ChainMap(place.names, vars(builtins)))  # type: ignore[arg-type]
        except NameError as error:
            missing = getattr(error, "name", None) or str(error).split("'")[1]
            raise schema_invalid(
                place, *_missing_name(missing, text, place.names), error
            ) from error
        except Exception as error:
            raise schema_invalid(
                place,
                f"the annotation {text!r} cannot be evaluated: {type(error).__name__}: {error}.",
                "Annotations must also hold when the program runs. Import what it names outside "
                "`if TYPE_CHECKING`, and write what this version of Python understands.",
                error,
            ) from error

    def resolve_forward(self, reference: Any, place: Place) -> Any:
        """Return what a ForwardRef means, in its own module if it knows that."""
        return self.resolve(reference.__forward_arg__, self._forward_place(reference, place))

    def _forward_place(self, reference: Any, place: Place) -> Place:
        module = getattr(reference, "__forward_module__", None)
        loaded = sys.modules.get(module) if isinstance(module, str) else module
        if loaded is None:
            return place
        return place.at(place.where, names=ChainMap(vars(loaded), dict(place.names)))

    def define(self, python: Any, name: str, build: Callable[[str], Definition]) -> str:
        """Return the key of a definition; have it built where it is not there yet."""
        known = self._names.get(id(python))
        if known:
            return known[1]
        taken = {key for _, key in self._names.values()} | set(self.definitions)
        key = definition_name(python, name, taken)
        self._names[id(python)] = (python, key)
        self.definitions[key] = build(key)
        return key

    def unknown(self, place: Place, problem: str, advice: str) -> kinds.Type:
        """Return `unknown`, and warn that something cannot be described."""
        self.warn(place, f"{problem} It is `unknown` to TypeScript. {advice}")
        return kinds.UNKNOWN

    def warn(self, place: Place, message: str) -> None:
        """Note something that the author of the module should know, once."""
        warning = SchemaWarning(place.where, message, place.file, place.line)
        if warning not in self.warnings:
            self.warnings.append(warning)


def _missing_name(name: str, text: str, names: Mapping[str, Any]) -> tuple[str, str]:
    """Return what is wrong with a name that means nothing, and what to do."""
    checking = [part for part in getattr(names, "maps", ()) if isinstance(part, CheckingImports)]
    module = next((found for part in checking if (found := part.module_of(name))), None)
    if module:
        return (
            (
                f"{name!r} is imported from {module!r} for type checkers only, so Python does not know "
                "it when the program runs."
            ),
            f"Import {name} outside `if TYPE_CHECKING`.",
        )
    whole = "" if text == name else f" (in {text!r})"
    return (
        f"the name {name!r}{whole} means nothing here.",
        (
            "Define or import it at the top of the file; a class defined inside a function cannot be named "
            "by a string."
        ),
    )
