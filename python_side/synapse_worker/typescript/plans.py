"""Writes decode plans: what turns a value as it travels into the one the types promise, and back.

A plan is written only where a type needs one: where JavaScript's value differs from the codec's, where
it must be checked (a date that may be text, an integer in a wide reply), and where a union has to be
told apart. `checked` writes one for everything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from synapse_worker.schema.definitions import (
    AliasDefinition,
    EnumDefinition,
    NewTypeDefinition,
    ObjectDefinition,
    TupleDefinition,
)
from synapse_worker.schema.types import (
    NONE,
    Array,
    Callback,
    Custom,
    Literal,
    Map,
    NdArray,
    OpenTuple,
    Reference,
    Scalar,
    ServiceReference,
    Set,
    Stream,
    Table,
    Tuple,
    Type,
    Union,
)

from .directions import may_be_absent
from .expressions import Array as ArrayLiteral
from .expressions import Arrow, Expression, Name, Object
from .literals import is_exact, string
from .names import identifier, lower_first
from .needs import Needs
from .plan_words import PlanWords, given
from .reach import Reach
from .type_text import is_record
from .union_plans import UnionPlans, is_ambiguous
from .walking import substitute

if TYPE_CHECKING:
    from collections.abc import Mapping

    from synapse_worker.schema.definitions import Field

    from .face import Face

_CHECKS = {
    "none": "none",
    "bool": "boolean",
    "int": "integer",
    "bigint": "bigint",
    "float": "number",
    "complex": "complex",
    "bytes": "bytes",
    "datetime": "date",
    "unknown": "any",
    "never": "any",
}


class Plans:
    """The plans of one file; named types get constants, in the order they need each other."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._reach = Reach(face.schema.definitions)
        self._needs = Needs(face, self._reach)
        self._words = PlanWords(face)
        self._unions = UnionPlans(face, self._words, self.write)
        self.constants: list[tuple[str, Expression]] = []
        self._names: dict[Reference, str] = {}
        self._finished: set[Reference] = set()
        self._wide: set[Reference] = set()
        self._full: set[Reference] = set()

    # What must be known before anything is written.

    def expect_wide(self, type_: Type) -> None:
        """Note that integers in this type arrive in a wide reply."""
        self._wide |= self._reach.reachable(type_)

    def expect(self, type_: Type) -> None:
        """Note the unions of a type, whose options must be told apart by all they have."""
        for part in self._reach.parts(type_):
            if isinstance(part, Union) and is_ambiguous(part):
                for option in part.options:
                    self._full |= self._reach.reachable(option)

    def is_wide(self, type_: Type) -> bool:
        """Say whether a value of this type may hold integers that only a bigint can."""
        return self._needs.wide(type_)

    # Plans.

    def result(self, type_: Type, *, wide: bool) -> Expression | None:
        """Return the plan that results of a type need, if they do."""
        return self.write(type_, full=self._face.options.checked, wide=wide)

    def argument(self, type_: Type) -> Expression | None:
        """Return the plan that arguments of a type need, if they do."""
        if not self._needs.encoding(type_):
            return None
        return self.write(type_, full=False, wide=False)

    def write(self, type_: Type, *, full: bool, wide: bool) -> Expression | None:
        """Return a type's plan. `full` checks everything, `wide` checks integers too."""

        def part(inner: Type) -> Expression | None:
            return self.write(inner, full=full, wide=wide)

        match type_:
            case Scalar():
                return self._scalar(type_, full=full, wide=wide)
            case Literal():
                return self._words.literals(type_.values) if full else None
            case Array():
                return self._words.around("array", [part(type_.items)], full=full)
            case Set():
                return self._words.call("set", *given(part(type_.items)))
            case Tuple():
                return self._words.tuple_of([part(item) for item in type_.items], full=full)
            case OpenTuple():
                first, last = (
                    [part(item) for item in items] for items in (type_.first, type_.last)
                )
                return self._words.open_tuple(first, part(type_.rest), last, full=full)
            case Map():
                return self._map(type_, part(type_.keys), part(type_.values), full=full)
            case Union():
                return self._unions.write(type_, full=full, wide=wide)
            case Reference():
                return self._reference(type_, full=full, wide=wide)
            case NdArray():
                return self._ndarray(type_)
            case Table():
                return self._words.kind("bytes") if full else None
            case Callback():
                return self._callback(type_)
            case Stream():
                return self._words.call("stream", *given(part(type_.items)))
            case ServiceReference():
                return self._words.call("service", Arrow(self._face.naming.services[type_.name]))
            case Custom():
                codec = self._codec(type_)
                if codec is None:
                    return part(type_.wire)
                return self._words.call("custom", Name(codec), *given(part(type_.wire)))
            case _:
                return self._words.any() if full else None

    def _scalar(self, type_: Scalar, *, full: bool, wide: bool) -> Expression | None:
        if type_.name == "datetime":
            return self._words.kind("nanoseconds" if self._face.options.exact_times else "date")
        if type_.name == "bigint" or (wide and type_.name == "int"):
            return self._words.kind(_CHECKS[type_.name])
        return self._words.kind(_CHECKS.get(type_.name, "string")) if full else None

    def _map(
        self, type_: Map, keys: Expression | None, values: Expression | None, *, full: bool
    ) -> Expression | None:
        if is_record(type_, self._face.schema):
            return self._words.around("record", [values], full=full)
        if keys is None and values is None:
            return self._words.call("map")
        return self._words.call("map", keys or self._words.any(), *given(values))

    def _ndarray(self, type_: NdArray) -> Expression:
        if type_.dtype is None and type_.shape is None:
            return self._words.call("ndarray")
        dtype = Name(string(type_.dtype) if type_.dtype else "undefined")
        if type_.shape is None:
            return self._words.call("ndarray", dtype)
        lengths = tuple(Name("null" if n is None else str(n)) for n in type_.shape)
        return self._words.call("ndarray", dtype, ArrayLiteral(lengths))

    def _callback(self, type_: Callback) -> Expression:
        parameters = type_.parameters or ()
        wide = any(map(self.is_wide, parameters)) or type_.parameters is None
        arguments = [self.result(parameter, wide=wide) for parameter in parameters]
        returned = (
            self._words.kind("none") if type_.returns == NONE else self.argument(type_.returns)
        )
        entries: list[tuple[str, Expression | None]] = []
        if any(argument is not None for argument in arguments):
            entries.append(("args", ArrayLiteral(tuple(a or self._words.any() for a in arguments))))
        if returned is not None:
            entries.append(("result", returned))
        if wide:
            entries.append(("wide", Name("true")))
        return self._words.call("callback", Object(tuple(entries)))

    def _reference(self, type_: Reference, *, full: bool, wide: bool) -> Expression | None:
        definition = self._face.schema.definitions[type_.name]
        if isinstance(definition, EnumDefinition):
            return self._enum(definition, full=full)
        wide = wide or type_ in self._wide
        if not (full or self._needs.a_plan(type_, wide=wide)):
            return None
        full = full or type_ in self._full
        known = self._names.get(type_)
        if known is not None:
            done = type_ in self._finished
            return Name(known) if done else self._words.call("lazy", Arrow(known))
        if isinstance(definition, NewTypeDefinition):
            return self.write(definition.base, full=full, wide=wide)
        name = self._face.naming.scope.take(f"{lower_first(self._instance_name(type_))}Plan")
        self._names[type_] = name
        value = self._definition(type_, full=full, wide=wide)
        self._finished.add(type_)
        self.constants.append((name, value or self._words.any()))
        return Name(name)

    def _definition(self, type_: Reference, *, full: bool, wide: bool) -> Expression | None:
        definition = self._face.schema.definitions[type_.name]
        variables = self._reach.variables(type_)
        if isinstance(definition, AliasDefinition):
            return self.write(substitute(definition.type, variables), full=full, wide=wide)
        assert isinstance(definition, ObjectDefinition | TupleDefinition)
        return self.fields(definition, variables, full=full, wide=wide)

    def fields(
        self,
        definition: ObjectDefinition | TupleDefinition,
        variables: Mapping[str, Type],
        *,
        full: bool,
        wide: bool,
    ) -> Expression | None:
        """Return the plan of a definition's fields."""
        plans = [
            self.write(substitute(field.type, variables), full=full, wide=wide)
            for field in definition.fields
        ]
        if isinstance(definition, TupleDefinition):
            if definition.tag is not None:
                plans.insert(0, self._words.literals((definition.tag,)) if full else None)
            return self._words.tuple_of(plans, full=full)
        entries: list[tuple[str, Expression | None]] = []
        names = self._face.field_names(definition.name, definition.fields)
        if definition.tag:
            tag, value = definition.tag
            name = self._face.member_name(tag)
            check: Expression | None = self._words.literals((value,)) if full else None
            entries.extend(self._entry(name, tag, check, optional=False))
        outputs = {field.name for field in definition.fields if field.direction != "input"}
        for field, plan in zip(definition.fields, plans, strict=True):
            if field.direction == "input" and field.name in outputs:
                continue  # one name, two types: what is read decides
            optional = may_be_absent(field) or field.direction == "input"
            entries.extend(self._entry(names[field.name], field.name, plan, optional=optional))
        return self._words.call("object", Object(tuple(entries))) if entries or full else None

    def _entry(
        self, name: str, wire: str, plan: Expression | None, *, optional: bool
    ) -> list[tuple[str, Expression]]:
        if plan is None and name == wire:
            return []
        if optional:
            plan = self._words.call("optional", *given(plan))
        if name != wire:
            plan = self._words.call("renamed", Name(string(wire)), *given(plan))
        assert plan is not None
        return [(name, plan)]

    def error(self, name: str, fields: tuple[Field, ...]) -> Expression | None:
        """Return the plan of an error's data."""
        definition = ObjectDefinition(name, fields=fields)
        for field in fields:
            self.expect(field.type)
        return self.fields(definition, {}, full=self._face.options.checked, wide=True)

    def _enum(self, definition: EnumDefinition, *, full: bool) -> Expression | None:
        if not full:
            return None
        values = [member.value for member in definition.members]
        if definition.is_flag or not values or not all(map(is_exact, values)):
            return self._words.kind("any")
        return self._words.literals(tuple(dict.fromkeys(values)))

    def _codec(self, type_: Custom) -> str | None:
        return self._face.codec(type_.name)

    def _instance_name(self, type_: Reference) -> str:
        name = self._face.naming.definitions[type_.name]
        named = [
            self._instance_name(argument) if isinstance(argument, Reference) else _word(argument)
            for argument in type_.arguments
        ]
        return identifier(f"{name}Of{'And'.join(named)}") if named else name


def _word(type_: Type) -> str:
    text = type_.name if isinstance(type_, Scalar) else type_.kind
    return "".join(word.capitalize() for word in text.split("_"))
