"""Writes decode plans: what turns a value as it travels into the one the types promise, and back.

A plan is written only where a type needs one: where JavaScript's value differs from the codec's, where
it must be checked (a date that may be text, an integer in a wide reply), and where a union has to be
told apart. `checked` writes one for everything.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from synapse_worker.frozen import replace
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
from .expressions import Arrow, Call, Expression, Name, Object, call
from .literals import is_exact, literal, string
from .names import identifier, lower_first
from .options import GenerationError
from .type_text import is_record
from .walking import everything, members, substitute

if TYPE_CHECKING:
    from collections.abc import Mapping

    from synapse_worker.schema.definitions import Field

    from .face import Face

# More different arguments than any generic type has that does not grow without end.
_MOST_INSTANCES = 100
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
        self.constants: list[tuple[str, Expression]] = []
        self._names: dict[Reference, str] = {}
        self._finished: set[Reference] = set()
        self._wide: set[Reference] = set()
        self._full: set[Reference] = set()

    # What must be known before anything is written.

    def expect_wide(self, type_: Type) -> None:
        """Note that integers in this type arrive in a wide reply."""
        self._wide |= self._reachable(type_)

    def expect(self, type_: Type) -> None:
        """Note the unions of a type, whose options must be told apart by all they have."""
        for part in [*everything(type_), *self._inside(type_)]:
            if isinstance(part, Union) and self._is_ambiguous(part):
                for option in part.options:
                    self._full |= self._reachable(option)

    def is_wide(self, type_: Type) -> bool:
        """Say whether a value of this type may hold integers that only a bigint can."""
        return any(
            (isinstance(part, Scalar) and part.name in {"bigint", "unknown"})
            or (isinstance(part, Custom) and self._codec(part) is not None)
            or (isinstance(part, Reference) and self._keeps_unknown(part))
            for part in [*everything(type_), *self._inside(type_)]
        )

    def _keeps_unknown(self, type_: Reference) -> bool:
        definition = self._face.schema.definitions[type_.name]
        return isinstance(definition, ObjectDefinition) and definition.unknown_fields == "keep"

    # Plans.

    def result(self, type_: Type, *, wide: bool) -> Expression | None:
        """Return the plan that results of a type need, if they do."""
        return self.write(type_, full=self._face.options.checked, wide=wide)

    def argument(self, type_: Type) -> Expression | None:
        """Return the plan that arguments of a type need, if they do."""
        if not self._encodes(type_):
            return None
        return self.write(type_, full=False, wide=False)

    def any(self) -> Name:
        """Return the plan that leaves a value as it is."""
        return self._kind("any")

    def write(self, type_: Type, *, full: bool, wide: bool) -> Expression | None:
        """Return a type's plan. `full` checks everything, `wide` checks integers too."""

        def part(inner: Type) -> Expression | None:
            return self.write(inner, full=full, wide=wide)

        match type_:
            case Scalar():
                return self._scalar(type_, full=full, wide=wide)
            case Literal():
                return self._literals(type_.values) if full else None
            case Array():
                return self._around("array", [part(type_.items)], full=full)
            case Set():
                return self._call("set", *_given(part(type_.items)))
            case Tuple():
                return self._sequence([part(item) for item in type_.items], full=full)
            case OpenTuple():
                first, last = (
                    [part(item) for item in items] for items in (type_.first, type_.last)
                )
                return self._open_sequence(first, part(type_.rest), last, full=full)
            case Map():
                return self._map(type_, part(type_.keys), part(type_.values), full=full)
            case Union():
                return self._union(type_, full=full, wide=wide)
            case Reference():
                return self._reference(type_, full=full, wide=wide)
            case NdArray():
                return self._ndarray(type_)
            case Table():
                return self._kind("bytes") if full else None
            case Callback():
                return self._callback(type_)
            case Stream():
                return self._call("stream", *_given(part(type_.items)))
            case ServiceReference():
                return self._call("service", Arrow(self._face.naming.services[type_.name]))
            case Custom():
                codec = self._codec(type_)
                if codec is None:
                    return part(type_.wire)
                return self._call("custom", Name(codec), *_given(part(type_.wire)))
            case _:
                return self.any() if full else None

    def _scalar(self, type_: Scalar, *, full: bool, wide: bool) -> Expression | None:
        if type_.name == "datetime":
            return self._kind("nanoseconds" if self._face.options.exact_times else "date")
        if type_.name == "bigint" or (wide and type_.name == "int"):
            return self._kind(_CHECKS[type_.name])
        return self._kind(_CHECKS.get(type_.name, "string")) if full else None

    def _map(
        self, type_: Map, keys: Expression | None, values: Expression | None, *, full: bool
    ) -> Expression | None:
        if is_record(type_, self._face.schema):
            return self._around("record", [values], full=full)
        if keys is None and values is None:
            return self._call("map")
        return self._call("map", keys or self.any(), *_given(values))

    def _ndarray(self, type_: NdArray) -> Expression:
        if type_.dtype is None and type_.shape is None:
            return self._call("ndarray")
        dtype = Name(string(type_.dtype) if type_.dtype else "undefined")
        if type_.shape is None:
            return self._call("ndarray", dtype)
        lengths = tuple(Name("null" if n is None else str(n)) for n in type_.shape)
        return self._call("ndarray", dtype, ArrayLiteral(lengths))

    def _callback(self, type_: Callback) -> Expression:
        parameters = type_.parameters or ()
        wide = any(map(self.is_wide, parameters)) or type_.parameters is None
        arguments = [self.result(parameter, wide=wide) for parameter in parameters]
        returned = self._kind("none") if type_.returns == NONE else self.argument(type_.returns)
        entries: list[tuple[str, Expression | None]] = []
        if any(argument is not None for argument in arguments):
            entries.append(("args", ArrayLiteral(tuple(a or self.any() for a in arguments))))
        if returned is not None:
            entries.append(("result", returned))
        if wide:
            entries.append(("wide", Name("true")))
        return self._call("callback", Object(tuple(entries)))

    def _union(self, type_: Union, *, full: bool, wide: bool) -> Expression | None:
        options = [option for option in type_.options if option != NONE]
        if not options:
            return self._kind("none") if full else None
        inner = self._options(replace(type_, options=tuple(options)), full=full, wide=wide)
        if inner is None or len(options) == len(type_.options):
            return inner
        return self._call("nullable", inner)

    def _options(self, type_: Union, *, full: bool, wide: bool) -> Expression | None:
        options = type_.options
        if len(options) == 1:
            return self.write(options[0], full=full, wide=wide)
        if any(isinstance(option, Scalar) and option.name == "unknown" for option in options):
            return self.any() if full else None
        lean = [self.write(option, full=full, wide=wide) for option in options]
        if not any(plan is not None for plan in lean):
            return None
        if tagged := self._tagged(type_, lean):
            return tagged
        plans = [self.write(option, full=True, wide=wide) for option in options]
        return self._call("union", *(plan or self.any() for plan in plans))

    def _tagged(self, type_: Union, plans: list[Expression | None]) -> Expression | None:
        field = type_.discriminator
        if field is None:
            return None
        entries: list[tuple[str, Expression | None]] = []
        for option, plan in zip(type_.options, plans, strict=True):
            values = self._tags(option, field)
            if not values:
                return None
            entries.extend((_tag_text(value), plan or self.any()) for value in values)
        name = self._face.member_name(field)
        extra = [Name(string(name))] if name != field else []
        return self._call("tagged", Name(string(field)), Object(tuple(entries)), *extra)

    def _tags(self, option: Type, discriminator: str) -> list[str | int | bool | None]:
        if isinstance(option, Union):
            return [tag for inner in option.options for tag in self._tags(inner, discriminator)]
        definition = (
            self._face.schema.definitions.get(option.name)
            if isinstance(option, Reference)
            else None
        )
        if not isinstance(definition, ObjectDefinition):
            return []
        if definition.tag and definition.tag[0] == discriminator:
            return [definition.tag[1]]
        for field in definition.fields:
            if field.name == discriminator and isinstance(field.type, Literal):
                return list(field.type.values)
        return []

    def _reference(self, type_: Reference, *, full: bool, wide: bool) -> Expression | None:
        definition = self._face.schema.definitions[type_.name]
        if isinstance(definition, EnumDefinition):
            return self._enum(definition, full=full)
        wide = wide or type_ in self._wide
        if not (full or self._needs(type_, wide=wide)):
            return None
        full = full or type_ in self._full
        known = self._names.get(type_)
        if known is not None:
            done = type_ in self._finished
            return Name(known) if done else self._call("lazy", Arrow(known))
        if isinstance(definition, NewTypeDefinition):
            return self.write(definition.base, full=full, wide=wide)
        name = self._face.naming.scope.take(f"{lower_first(self._instance_name(type_))}Plan")
        self._names[type_] = name
        value = self._definition(type_, full=full, wide=wide)
        self._finished.add(type_)
        self.constants.append((name, value or self.any()))
        return Name(name)

    def _definition(self, type_: Reference, *, full: bool, wide: bool) -> Expression | None:
        definition = self._face.schema.definitions[type_.name]
        variables = self._variables(type_)
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
                plans.insert(0, self._literals((definition.tag,)) if full else None)
            return self._sequence(plans, full=full)
        entries: list[tuple[str, Expression | None]] = []
        names = self._face.field_names(definition.name, definition.fields)
        if definition.tag:
            tag, value = definition.tag
            name = self._face.member_name(tag)
            check: Expression | None = self._literals((value,)) if full else None
            entries.extend(self._entry(name, tag, check, optional=False))
        outputs = {field.name for field in definition.fields if field.direction != "input"}
        for field, plan in zip(definition.fields, plans, strict=True):
            if field.direction == "input" and field.name in outputs:
                continue  # one name, two types: what is read decides
            optional = may_be_absent(field) or field.direction == "input"
            entries.extend(self._entry(names[field.name], field.name, plan, optional=optional))
        return self._call("object", Object(tuple(entries))) if entries or full else None

    def _entry(
        self, name: str, wire: str, plan: Expression | None, *, optional: bool
    ) -> list[tuple[str, Expression]]:
        if plan is None and name == wire:
            return []
        if optional:
            plan = self._call("optional", *_given(plan))
        if name != wire:
            plan = self._call("renamed", Name(string(wire)), *_given(plan))
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
            return self._kind("any")
        return self._literals(tuple(dict.fromkeys(values)))

    def _literals(self, values: tuple[str | float | bool | None, ...]) -> Expression:
        if not all(map(is_exact, values)):
            return self._kind("any")
        return self._call("literal", *(Name(literal(value)) for value in values))

    def _sequence(self, plans: list[Expression | None], *, full: bool) -> Expression | None:
        if not full and all(plan is None for plan in plans):
            return None
        return self._call("tuple", *(plan or self.any() for plan in plans))

    def _open_sequence(
        self,
        first: list[Expression | None],
        rest: Expression | None,
        last: list[Expression | None],
        *,
        full: bool,
    ) -> Expression | None:
        if not full and all(plan is None for plan in (*first, rest, *last)):
            return None
        ends = [
            ArrayLiteral(tuple(plan or self.any() for plan in plans)) for plans in (first, last)
        ]
        return self._call("openTuple", ends[0], rest or self.any(), *(ends[1:] if last else ()))

    def _around(
        self, kind: str, plans: list[Expression | None], *, full: bool
    ) -> Expression | None:
        if plans[0] is None and not full:
            return None
        return self._call(kind, plans[0] or self.any())

    def _kind(self, kind: str) -> Name:
        return Name(f"{self._face.runtime('plan', value=True)}.{kind}")

    def _call(self, kind: str, *arguments: Expression) -> Call:
        return call(self._kind(kind).text, *arguments)

    def _codec(self, type_: Custom) -> str | None:
        return self._face.codec(type_.name)

    # What a type needs, looking through the names in it.

    def _needs(self, type_: Reference, *, wide: bool) -> bool:
        return any(
            self._is_needy(part, wide=wide) for part in [*everything(type_), *self._inside(type_)]
        )

    def _is_needy(self, part: Type, *, wide: bool) -> bool:
        match part:
            case Scalar():
                return part.name in {"datetime", "bigint"} or (wide and part.name == "int")
            case Map():
                return not is_record(part, self._face.schema)
            case Set() | NdArray() | Callback() | Stream() | ServiceReference():
                return True
            case Custom():
                return self._codec(part) is not None
            case Reference():
                return self._renames(part)
            case _:
                return False

    def _renames(self, type_: Reference) -> bool:
        definition = self._face.schema.definitions[type_.name]
        if not isinstance(definition, ObjectDefinition):
            return False
        names = self._face.field_names(definition.name, definition.fields)
        tag = definition.tag[0] if definition.tag else ""
        return (
            any(name != wire for wire, name in names.items()) or self._face.member_name(tag) != tag
        )

    def _encodes(self, type_: Type) -> bool:
        return any(
            isinstance(part, NdArray | Callback | Stream)
            or (
                isinstance(part, Scalar)
                and part.name == "datetime"
                and self._face.options.exact_times
            )
            or (isinstance(part, Custom) and self._codec(part) is not None)
            or (isinstance(part, Reference) and self._renames(part))
            for part in [*everything(type_), *self._inside(type_)]
        )

    def _is_ambiguous(self, type_: Union) -> bool:
        named = [option for option in type_.options if option != NONE]
        return len(named) > 1 and type_.discriminator is None

    def _inside(self, type_: Type) -> list[Type]:
        """Return every type that the definitions reachable from a type are made of."""
        return [
            part
            for reference in sorted(self._reachable(type_), key=repr)
            for inner in self._made_of(reference)
            for part in everything(inner)
        ]

    def _made_of(self, reference: Reference) -> list[Type]:
        variables = self._variables(reference)
        definition = self._face.schema.definitions[reference.name]
        return [substitute(part, variables) for part in members(definition)]

    def _reachable(self, type_: Type) -> set[Reference]:
        found: set[Reference] = set()
        uses: Counter[str] = Counter()
        todo = [part for part in everything(type_) if isinstance(part, Reference)]
        while todo:
            reference = todo.pop()
            if reference in found:
                continue
            found.add(reference)
            uses[reference.name] += 1
            if uses[reference.name] > _MOST_INSTANCES:
                raise GenerationError(
                    f"The generic type {reference.name!r} uses itself with ever larger arguments: "
                    "such a type has no end in TypeScript. Give the recursive use its own arguments."
                )
            for inner in self._made_of(reference):
                todo.extend(part for part in everything(inner) if isinstance(part, Reference))
        return found

    def _variables(self, reference: Reference) -> dict[str, Type]:
        definition = self._face.schema.definitions[reference.name]
        names = getattr(definition, "type_parameters", ())
        return dict(zip(names, reference.arguments, strict=False))

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


def _given(plan: Expression | None) -> tuple[Expression, ...]:
    return () if plan is None else (plan,)


def _tag_text(value: str | float | bool | None) -> str:
    return value if isinstance(value, str) else literal(value)
