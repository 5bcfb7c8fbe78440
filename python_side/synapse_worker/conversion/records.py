"""Records: objects and named tuples, decoded into their class and encoded by the names that travel.

What is common to dataclasses, attrs, msgspec structs, typed dicts and named tuples; models of pydantic validate
themselves (`pydantic_models`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from synapse_worker.frozen import Frozen

from ..schema import definitions as d
from ..schema.types import Literal
from .instantiation import substitute
from .mismatch import Mismatch, missing, refused, unlike
from .naming import expectation, type_name
from .pydantic_models import is_model, model_decoder, model_encoder
from .record_fields import constructor_names, defaults_of_class, is_carried_whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..schema import types as t
    from .interface import Decode, Decoding, Encode, Encoding

    Record = d.ObjectDefinition | d.TupleDefinition


class _Member(Frozen):
    """A field of an argument: its name on the wire, in the constructor, and how it is decoded."""

    name: str
    keyword: str
    decode: Decode
    required: bool
    expected: str


def record_decoder(
    definition: Record, reference: t.Reference, bindings: Mapping[str, t.Type], decoders: Decoding
) -> Decode:
    """Return what makes a map or array an instance of the record's class."""
    if is_model(definition.python):
        return model_decoder(definition, reference)
    names = constructor_names(definition)
    members = []
    for field in definition.fields:
        if field.direction != "output":
            type_ = substitute(field.type, bindings)
            keyword = names.get(field.python_name or field.name, field.python_name or field.name)
            decode, expected = decoders.of(type_), expectation(type_)
            members.append(_Member(field.name, keyword, decode, field.required, expected))
    if isinstance(definition, d.TupleDefinition):
        return _array_decoder(definition, members)
    return _map_decoder(definition, members)


def _map_decoder(definition: d.ObjectDefinition, members: list[_Member]) -> Decode:
    name, python, tag = definition.name, definition.python, definition.tag
    build: Callable[..., Any] = dict if definition.style == "typed_dict" else python
    keeps = definition.unknown_fields == "keep" and build is dict
    known = {member.name for member in members} | ({tag[0]} if tag else set())
    forbids = definition.unknown_fields == "forbid"

    def decode_record(value: Any) -> Any:
        if type(value) is not dict:
            raise unlike(name, value)
        if tag is not None and tag[0] in value and value[tag[0]] != tag[1]:
            raise unlike(type_name(Literal((tag[1],))), value[tag[0]]).within(tag[0])
        fields: dict[str, Any] = {}
        for member in members:
            if member.name in value:
                try:
                    fields[member.keyword] = member.decode(value[member.name])
                except Mismatch as mismatch:
                    raise mismatch.within(member.name) from mismatch.__cause__
            elif member.required:
                raise missing(member.name, member.expected)
        if forbids and not known.issuperset(value):
            raise _unknown_field(name, value, known)
        if keeps:
            fields.update((key, value[key]) for key in value.keys() - known)
        return _built(build, name, value, (), fields)

    return decode_record


def _array_decoder(definition: d.TupleDefinition, members: list[_Member]) -> Decode:
    name, python = definition.name, definition.python
    required = sum(member.required for member in members)
    by_name, tag = hasattr(python, "__struct_config__"), definition.tag

    def decode_array(value: Any) -> Any:
        if tag is not None and type(value) is list:
            if not value or value[0] != tag:
                raise unlike(type_name(Literal((tag,))), value[0] if value else None).within(0)
            value = value[1:]
        if type(value) is not list or not required <= len(value) <= len(members):
            raise unlike(f"{name} ({_lengths(required, len(members))})", value)
        items: list[Any] = []
        for member, item in zip(members, value, strict=False):
            try:
                items.append(member.decode(item))
            except Mismatch as mismatch:
                raise mismatch.within(len(items) + (tag is not None)) from mismatch.__cause__
        if by_name:
            keywords = [member.keyword for member in members]
            return _built(python, name, value, (), dict(zip(keywords, items, strict=False)))
        return _built(python, name, value, items, {})

    return decode_array


def record_encoder(
    definition: Record, reference: t.Reference, bindings: Mapping[str, t.Type], encoders: Encoding
) -> Encode:
    """Return what encodes an instance by the names that travel, or lets it through to the codec."""
    python, name = definition.python, definition.name
    if is_model(python):
        return model_encoder(definition, reference)
    members = [
        (field.name, field.python_name or field.name, field.required, encode)
        for field in definition.fields
        if field.direction != "input"
        for encode in [encoders.of(substitute(field.type, bindings))]
    ]
    if isinstance(definition, d.TupleDefinition):
        return _array_encoder(definition, [(key, encode) for _, key, _, encode in members])
    prefix: dict[str, Any] = {} if definition.tag is None else dict([definition.tag])
    whole = is_carried_whole(definition)
    defaulted = defaults_of_class(definition) if whole else frozenset()
    working = [(wire, key, encode) for wire, key, _, encode in members if encode is not None]
    is_instance_of_it = isinstance(python, type) and definition.style != "typed_dict"

    def encode_record(value: Any) -> Any:
        if whole and type(value) is python and (not defaulted or defaulted <= vars(value).keys()):
            changed = _changed(value, working)
            if not changed:
                return value
            return prefix | {
                wire: changed[wire] if wire in changed else getattr(value, key)
                for wire, key, *_ in members
            }
        if is_instance_of_it and isinstance(value, python):
            read: Callable[[str, str], Any] = lambda _, key: getattr(value, key, _ABSENT)  # noqa: E731
        elif isinstance(value, Mapping):
            read = lambda wire, key: value.get(wire, value.get(key, _ABSENT))  # noqa: E731
        else:
            raise unlike(name, value)
        plain = prefix.copy()
        for wire, key, required, encode in members:
            item = read(wire, key)
            if item is _ABSENT or type(item).__name__ == "UnsetType":
                if required:
                    raise Mismatch(f"has no {key}, which {name} has", expected=name).within(wire)
                continue
            try:
                plain[wire] = item if encode is None else encode(item)
            except Mismatch as mismatch:
                raise mismatch.within(wire) from mismatch.__cause__
        return plain

    return encode_record


def _changed(value: Any, working: list[tuple[str, str, Encode]]) -> dict[str, Any]:
    """Return those fields, by wire name, that cannot travel as they are. Each is encoded once only."""
    changed = {}
    for wire, key, encode in working:
        item = getattr(value, key)
        try:
            plain = encode(item)
        except Mismatch as mismatch:
            raise mismatch.within(wire) from mismatch.__cause__
        if plain is not item:
            changed[wire] = plain
    return changed


def _array_encoder(
    definition: d.TupleDefinition, members: list[tuple[str, Encode | None]]
) -> Encode:
    python, name, count = definition.python, definition.name, len(definition.fields)
    as_it_is = not any(encode for _, encode in members)
    config = getattr(python, "__struct_config__", None)
    tag = [] if definition.tag is None else [definition.tag]

    def encode_array(value: Any) -> Any:
        if config is not None and isinstance(value, python):
            if as_it_is:
                return value
            value = [getattr(value, key) for key, _ in members]
        elif not isinstance(value, (tuple, list)) or len(value) != count:
            raise unlike(name, value)
        if as_it_is:
            return value
        items: list[Any] = []
        for item, (_, encode) in zip(value, members, strict=True):
            try:
                items.append(item if encode is None else encode(item))
            except Mismatch as mismatch:
                raise mismatch.within(len(items)) from mismatch.__cause__
        return tag + items

    return encode_array


_ABSENT = object()


def _built(
    build: Callable[..., Any], name: str, value: Any, items: Any, fields: dict[str, Any]
) -> Any:
    try:
        return build(*items, **fields)
    except Exception as failure:  # __post_init__, a validator: the user's own code
        raise refused(name, value, failure) from failure


def _unknown_field(name: str, value: Mapping[Any, Any], known: set[str]) -> Mismatch:
    from difflib import get_close_matches

    stranger = next(key for key in value if key not in known)
    close = get_close_matches(str(stranger), known, 1)
    advice = f' (did you mean "{close[0]}"?)' if close else ""
    return Mismatch(f"is no field of {name}{advice}", expected=name, got="a field").within(stranger)


def _lengths(least: int, most: int) -> str:
    return f"{most} items" if least == most else f"{least} to {most} items"
