"""Unions in arguments: the option that fits a value best, and a message that says what each wanted.

Order of trial: exact values (literals, enums), then the exact kind of a scalar, then the tag, then the record
whose required fields are there and that knows most of the others, then whatever else takes the value.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from synapse_worker.frozen import Frozen, field

from ..schema import definitions as d
from ..schema import types as t
from .mismatch import Mismatch, missing, shortened, shown, unlike
from .naming import expectation, type_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .interface import Decode, Decoding


_EXACT_KINDS: dict[str, type] = {
    "bool": bool,
    "int": int,
    "bigint": int,
    "float": float,
    "str": str,
    "bytes": bytes,
    "datetime": dt.datetime,
}
_MAX_REASONS = 4


class _Record(Frozen):
    """An option that is an object, and what tells it from others."""

    name: str
    decode: Decode
    definition: d.ObjectDefinition
    required: frozenset[str]
    known: frozenset[str]


class _Options(Frozen):
    """The options of one union, sorted by how they are recognised."""

    expected: str
    discriminator: str | None
    choices: list[Decode] = field(default_factory=list)
    exact: dict[type, Decode] = field(default_factory=dict)
    records: list[_Record] = field(default_factory=list)
    tags: dict[tuple[type, Any], _Record] = field(default_factory=dict)
    every: list[tuple[t.Type, Decode]] = field(default_factory=list)


def flat_options(union: t.Union, resolve: Callable[[t.Type], t.Type]) -> list[t.Type]:
    """Return the options, with unions that stand behind aliases taken apart."""
    options: list[t.Type] = []
    for option in union.options:
        behind = resolve(option)
        options += flat_options(behind, resolve) if isinstance(behind, t.Union) else [behind]
    return options


def union_decoder(union: t.Union, decoders: Decoding, name: str = "") -> Decode:
    """Return what decodes a value by the option it fits best; `name` is that of an alias that it stands behind."""
    flat = flat_options(union, decoders.resolved)
    nullable = t.NONE in flat
    options = [option for option in flat if option != t.NONE]
    expected = f"{name} ({expectation(union)})" if name else expectation(union)
    if len(options) == 1:
        decode = _named(decoders.of(options[0]), expectation(options[0]), expected)
    else:
        decode = _best_of(_sorted(options, expected, union.discriminator, decoders))
    return _nullable(decode) if nullable else decode


def _nullable(decode: Decode) -> Decode:
    return lambda value: None if value is None else decode(value)


def _named(decode: Decode, own: str, expected: str) -> Decode:
    """Return `decode`, whose message also names the option None."""

    def decode_some(value: Any) -> Any:
        try:
            return decode(value)
        except Mismatch as mismatch:
            if mismatch.steps or mismatch.expected != own:
                raise
            raise unlike(expected, value) from None

    return decode_some


def _sorted(
    options: Iterable[t.Type], expected: str, discriminator: str | None, decoders: Decoding
) -> _Options:
    result = _Options(expected, discriminator)
    for option in options:
        decode = decoders.of(option)
        result.every.append((option, decode))
        definition = _definition(option, decoders)
        if isinstance(option, t.Literal) or isinstance(definition, d.EnumDefinition):
            result.choices.append(decode)
        elif isinstance(option, t.Scalar) and option.name in _EXACT_KINDS:
            result.exact.setdefault(_EXACT_KINDS[option.name], decode)
        elif isinstance(definition, d.ObjectDefinition):
            record = _record(option, definition, decode)
            result.records.append(record)
            for value in _tag_values(definition, discriminator):
                result.tags[type(value), value] = record
    return result


def _definition(option: t.Type, decoders: Decoding) -> d.Definition | None:
    return decoders.definitions.get(option.name) if isinstance(option, t.Reference) else None


def _record(option: t.Type, definition: d.ObjectDefinition, decode: Decode) -> _Record:
    inputs = [field for field in definition.fields if field.direction != "output"]
    names = frozenset(field.name for field in inputs)
    required = frozenset(field.name for field in inputs if field.required)
    if definition.tag is not None:
        names |= {definition.tag[0]}
        required |= {definition.tag[0]}
    return _Record(type_name(option), decode, definition, required, names)


def _tag_values(definition: d.ObjectDefinition, discriminator: str | None) -> tuple[Any, ...]:
    if discriminator is None:
        return ()
    if definition.tag is not None and definition.tag[0] == discriminator:
        return (definition.tag[1],)
    for member in definition.fields:
        if discriminator in (member.name, member.python_name) and isinstance(
            member.type, t.Literal
        ):
            return member.type.values
    return ()


def _best_of(options: _Options) -> Decode:
    def decode_union(value: Any) -> Any:
        for decode in options.choices:
            try:
                return decode(value)
            except Mismatch:
                continue
        exact = options.exact.get(type(value))
        if exact is not None:
            try:
                return exact(value)
            except Mismatch:
                if len(options.every) == len(options.exact):
                    raise  # the right kind, and out of bounds
        if type(value) is dict and options.records:
            return _decode_record(value, options)
        reasons: list[tuple[str, Mismatch]] = []
        for option, decode in options.every:
            try:
                return decode(value)
            except Mismatch as mismatch:
                reasons.append((type_name(option), mismatch))
        raise _none_of(options.expected, value, [one for one in reasons if one[1].steps])

    return decode_union


def _decode_record(value: dict[Any, Any], options: _Options) -> Any:
    tagged = _by_tag(value, options)
    if tagged is not None:
        return tagged.decode(value)
    keys = value.keys()
    fitting = [record for record in options.records if record.required <= keys]
    # A stable sort: of those that know as many fields the first stays first.
    fitting.sort(key=lambda record: len(keys - record.known))
    reasons: list[tuple[str, Mismatch]] = []
    for record in [*fitting, *(one for one in options.records if one not in fitting)]:
        try:
            return record.decode(value)
        except Mismatch as mismatch:
            reasons.append((record.name, mismatch))
    tried = {name for name, _ in reasons}
    for option, decode in options.every:
        if type_name(option) in tried:
            continue
        try:
            return decode(value)
        except Mismatch as mismatch:
            if mismatch.steps:
                reasons.append((type_name(option), mismatch))
    if len(reasons) == 1:
        raise reasons[0][1]
    raise _none_of(options.expected, value, reasons)


def _by_tag(value: dict[Any, Any], options: _Options) -> _Record | None:
    """Return the record that the tag names, if the union is tagged throughout."""
    if len({id(record) for record in options.tags.values()}) < max(len(options.records), 1):
        return None
    name = _wire_discriminator(options)
    allowed = type_name(t.Literal(tuple(tag for _, tag in options.tags)))
    if name not in value:
        raise missing(name, allowed)
    tag = value[name]
    kind = int if type(tag) is float and tag.is_integer() else type(tag)
    record = options.tags.get((kind, tag)) if kind in (str, int, bool, type(None)) else None
    if record is None:
        raise unlike(allowed, tag).within(name)
    return record


def _wire_discriminator(options: _Options) -> str:
    for member in options.records[0].definition.fields:
        if options.discriminator in (member.name, member.python_name):
            return member.name
    return str(options.discriminator)


def _none_of(expected: str, value: Any, reasons: list[tuple[str, Mismatch]]) -> Mismatch:
    got = shown(value)
    problem = f"must be {expected}, got {got}"
    deepest = _deepest(reasons)
    if deepest is not None:
        return deepest
    told = [f"as {name}: {_reason(mismatch)}" for name, mismatch in reasons[:_MAX_REASONS]]
    if len(reasons) > _MAX_REASONS:
        told.append("…")
    if told:
        problem += f" ({'; '.join(told)})"
    return Mismatch(problem, expected=expected, got=got)


def _deepest(reasons: list[tuple[str, Mismatch]]) -> Mismatch | None:
    """Return the mismatch of the option that fits furthest into the value, if one does."""
    ranked = sorted((mismatch for _, mismatch in reasons), key=lambda one: -len(one.steps))
    if not ranked or (len(ranked) > 1 and len(ranked[0].steps) == len(ranked[1].steps)):
        return None
    return ranked[0]


def _reason(mismatch: Mismatch) -> str:
    path = mismatch.path("").removeprefix(".")
    return shortened(f"{path} {mismatch.problem}".strip(), 120)
