"""Turns Python parameters into the slots of a TypeScript function.

    name(positional…, keywords?, options?)

One slot for each positional parameter and one array for `*args`; one object of keywords exactly when
the function has keyword-only parameters or `**kwargs`; the options of the call are always last.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from synapse_worker.schema.types import Array, Union

from .comments import comment
from .definitions import member, or_undefined
from .document import (
    HARD_LINE,
    LINE,
    Document,
    Group,
    IfBroken,
    Indent,
    join,
    must_break,
)
from .literals import property_name
from .names import RESERVED_WORDS, Scope, identifier, renamed
from .remarks import default_value, sentences
from .type_layout import generic

if TYPE_CHECKING:
    from synapse_worker.schema.definitions import Function, Parameter
    from synapse_worker.schema.types import Type

    from .face import Face

_POSITIONAL = {"positional_only", "positional_or_keyword"}


@dataclass
class Slots:
    """What a function takes, in the order of its slots."""

    positional: list[Parameter] = field(default_factory=list)
    rest: Parameter | None = None
    keywords: list[Parameter] = field(default_factory=list)
    extra: Parameter | None = None

    @property
    def has_keywords(self) -> bool:
        """Whether there is an object of keywords."""
        return bool(self.keywords) or self.extra is not None

    @property
    def needs_keywords(self) -> bool:
        """Whether that object must be given."""
        return any(parameter.required for parameter in self.keywords)


def slots_of(parameters: tuple[Parameter, ...]) -> Slots:
    """Sort parameters into slots."""
    slots = Slots()
    for parameter in parameters:
        if parameter.kind in _POSITIONAL:
            slots.positional.append(parameter)
        elif parameter.kind == "var_positional":
            slots.rest = parameter
        elif parameter.kind == "keyword_only":
            slots.keywords.append(parameter)
        else:
            slots.extra = parameter
    return slots


class Signature:
    """The slots of one function with the names they have in TypeScript."""

    def __init__(self, function: Function, face: Face, taken: frozenset[str]) -> None:
        self._face = face
        self._function = function
        self.slots = slots_of(function.parameters)
        camel = face.options.camel_case
        names = [parameter.name for parameter in function.parameters]
        self.wanted = renamed(names, camel=camel, what=f"{function.name}()")
        scope = Scope(RESERVED_WORDS | taken)
        spread = [self.slots.rest] if self.slots.rest else []
        self.names = {
            parameter.name: scope.take(identifier(self.wanted[parameter.name]))
            for parameter in [*self.slots.positional, *spread]
        }
        self.keywords = scope.take("keywords", "keywordArguments")
        self.options = scope.take("options", "callOptions")

    def parameters(self) -> list[Document]:
        """Return the parameters of the function itself."""
        return self._write(self.slots, documented=True)

    def overloaded(self, parameters: tuple[Parameter, ...]) -> list[Document]:
        """Return the parameters of an overload: the same slots, those it lacks are undefined."""
        by_name = {parameter.name: parameter for parameter in parameters}
        given = slots_of(parameters)
        found: list[Parameter | None] = []
        for position, parameter in enumerate(self.slots.positional):
            match = by_name.get(parameter.name)
            if match is None and position < len(given.positional):
                other = given.positional[position]
                match = None if other.name in self.names else other
            found.append(match)
        return self._write(
            self.slots,
            documented=False,
            positional=found,
            rest=given.rest,
            keywords=given if given.has_keywords else Slots(),
        )

    def implementation(self) -> list[Document]:
        """Return the slots of the body behind overloads, which no caller sees."""
        slots = [f"{name}: unknown" for name in self.names.values()]
        if self.slots.has_keywords:
            slots.append(f"{self.keywords}: object | undefined")
        return [*slots, f"{self.options}?: {self._face.runtime('CallOptions')}"]

    def arguments(self) -> tuple[list[str], str, str]:
        """Return what the body passes on: positional slots, keywords, options."""
        keywords = self.keywords if self.slots.has_keywords else "undefined"
        return list(self.names.values()), keywords, self.options

    def _write(
        self,
        slots: Slots,
        *,
        documented: bool,
        positional: list[Parameter | None] | None = None,
        rest: Parameter | None = None,
        keywords: Slots | None = None,
    ) -> list[Document]:
        own = positional is None
        places: list[tuple[str, Document, bool]] = []
        for parameter, given in zip(
            slots.positional, slots.positional if positional is None else positional, strict=True
        ):
            name = self.names[parameter.name]
            if given is None:
                places.append((name, "undefined", True))
            else:
                places.append((name, self._face.types.input(given.type), not given.required))
        if slots.rest is not None:
            given = slots.rest if own else rest
            type_: Document = "undefined" if given is None else self._array(given.type)
            places.append((self.names[slots.rest.name], type_, True))
        if slots.has_keywords:
            shape = keywords or slots
            places.append(
                (
                    self.keywords,
                    self._keywords(shape, documented=documented)
                    if shape.has_keywords
                    else "undefined",
                    not shape.needs_keywords,
                )
            )
        last_required = max((at for at, place in enumerate(places) if not place[2]), default=-1)
        written: list[Document] = []
        for at, (name, type_, is_optional) in enumerate(places):
            if is_optional and at < last_required:
                written.append((f"{name}: ", or_undefined(type_)))
            else:
                written.append((f"{name}{'?' if is_optional else ''}: ", type_))
        return [*written, f"{self.options}?: {self._face.runtime('CallOptions')}"]

    def _array(self, items: Type) -> Document:
        return self._face.types.input(Array(items))

    def _keywords(self, slots: Slots, *, documented: bool) -> Document:
        members: list[Document] = []
        docs = self._function.documentation.parameters if documented else {}
        for parameter in slots.keywords:
            type_ = self._face.types.input(parameter.type)
            optional = not parameter.required
            blocks = [sentences(docs.get(parameter.name, ""), parameter.type)]
            default = default_value(parameter.default)
            if documented and optional and default:
                blocks.append([f"@defaultValue {default}"])
            name = property_name(self.wanted[parameter.name])
            about = comment(blocks) if documented else ()
            members.append((*about, member(name, type_, optional=optional)))
        if slots.extra is not None:
            members.append(self._index(slots.extra, slots.keywords))
        if any(map(must_break, members)):
            lines = join((";", HARD_LINE), members)
            return Group(("{", Indent((HARD_LINE, lines)), ";", HARD_LINE, "}"), broken=True)
        inner = (LINE, join((";", LINE), members))
        return Group(("{", Indent(inner), IfBroken(";"), LINE, "}"))

    def _index(self, extra: Parameter, keywords: list[Parameter]) -> Document:
        """Return the member that stands for `**kwargs`; it must admit what the named ones are."""
        every = Union((extra.type, *(keyword.type for keyword in keywords)))
        type_ = self._face.types.input(every)
        if not all(keyword.required for keyword in keywords):
            type_ = or_undefined(type_)
        return ("[keyword: string]: ", type_)


def promise(type_: Document) -> Document:
    """Return a promise of a type."""
    return generic("Promise", [type_])
