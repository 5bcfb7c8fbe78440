"""From wire values to Python's: one closure for each type, made once.

A decoder takes a value as the codec gives it and returns what user code is handed, or raises `Mismatch`.
References are looked up when a value first needs them, so that types may contain themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..schema import definitions as d
from ..schema import types as t
from . import customs, enums, maps, ndarrays, sequences, tables, unions
from .callbacks import callback_decoder
from .constraints import constrained
from .instantiation import bindings_of, substitute, type_key
from .mismatch import unlike
from .parameters import current_parameter
from .records import record_decoder
from .scalars import scalar_decoder
from .streams import stream_decoder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .interface import Conversion, Decode


class Decoders:
    """Decoders of one module's types."""

    def __init__(self, converters: Conversion, definitions: Mapping[str, d.Definition]) -> None:
        self.converters = converters
        self.definitions = definitions
        self._named: dict[object, Decode | None] = {}

    def of(self, type_: t.Type) -> Decode:
        """Return the decoder of a type without free variables."""
        match type_:
            case t.Scalar():
                return _required(constrained(scalar_decoder(type_), type_.constraints))
            case t.Literal():
                return enums.literal_decoder(type_)
            case t.Array():
                return _required(
                    constrained(sequences.array_decoder(type_, self), type_.constraints)
                )
            case t.Set():
                return _required(constrained(sequences.set_decoder(type_, self), type_.constraints))
            case t.Tuple():
                return sequences.tuple_decoder(type_, self)
            case t.OpenTuple():
                return sequences.open_tuple_decoder(type_, self)
            case t.Map():
                return _required(constrained(maps.map_decoder(type_, self), type_.constraints))
            case t.Union():
                return unions.union_decoder(type_, self)
            case t.Reference():
                return self._reference(type_)
            case t.TypeVariable():
                return scalar_decoder(t.UNKNOWN)
            case t.NdArray():
                return ndarrays.ndarray_decoder(type_)
            case t.Table():
                return tables.table_decoder(type_)
            case t.Callback():
                return callback_decoder(type_, self.converters)
            case t.Stream():
                return stream_decoder(type_, self)
            case t.Custom():
                return customs.custom_decoder(type_, self, self.converters.codec_of(type_))
        return _service_decoder(type_)

    def resolved(self, type_: t.Type) -> t.Type:
        """Return what a type comes down to behind its aliases and brands."""
        for _ in range(100):  # an alias of itself leads nowhere
            if not isinstance(type_, t.Reference):
                break
            definition = self.definitions.get(type_.name)
            if isinstance(definition, d.AliasDefinition):
                bindings = bindings_of(definition.type_parameters, type_.arguments)
                type_ = substitute(definition.type, bindings)
            elif isinstance(definition, d.NewTypeDefinition):
                type_ = definition.base
            else:
                break
        return type_

    def _reference(self, reference: t.Reference) -> Decode:
        key = type_key(reference)
        if key in self._named:
            made = self._named[key]
            return made if made is not None else self._later(key)
        self._named[key] = None
        # A type is made once for all parameters: callbacks inside it are of none in particular.
        token = current_parameter.set(None)
        try:
            made = self._define(reference)
        except BaseException:
            del self._named[key]
            raise
        finally:
            current_parameter.reset(token)
        self._named[key] = made
        return made

    def _later(self, key: object) -> Decode:
        named = self._named
        return lambda value: named[key](value)  # type: ignore[misc]  # it is made by then

    def _define(self, reference: t.Reference) -> Decode:
        definition = self.definitions[reference.name]
        match definition:
            case d.EnumDefinition():
                return enums.enum_decoder(definition)
            case d.ObjectDefinition() | d.TupleDefinition():
                bindings = bindings_of(definition.type_parameters, reference.arguments)
                return record_decoder(definition, reference, bindings, self)
            case d.AliasDefinition():
                bindings = bindings_of(definition.type_parameters, reference.arguments)
                type_ = substitute(definition.type, bindings)
                if isinstance(type_, t.Union):
                    return unions.union_decoder(type_, self, definition.name)
                return self.of(type_)
            case d.NewTypeDefinition():
                return self.of(definition.base)
        raise TypeError(f"{reference.name} is a definition of an unknown kind, {definition.kind}")


def _required(decode: Decode | None) -> Decode:
    assert decode is not None  # `constrained` returns None for None alone
    return decode


def _service_decoder(type_: t.Type) -> Decode:
    name = getattr(type_, "name", type_.kind)

    def refuse(value: Any) -> Any:
        raise unlike(f"{name}, and instances of services cannot be passed", value)

    return refuse
