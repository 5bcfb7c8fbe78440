"""From Python's values to plain ones: a closure for each type that needs one, None for all others.

None means that the codec carries the value as it is. An encoder does not check a result through and through (the
client can, where asked to); it refuses what would reach the client in another shape than it was promised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..schema import definitions as d
from ..schema import types as t
from . import customs, maps, ndarrays, result_unions, sequences, tables
from .enums import enum_encoder
from .instantiation import bindings_of, substitute, type_key
from .mismatch import unlike
from .records import record_encoder
from .scalars import scalar_encoder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .interface import Conversion, Encode


class Encoders:
    """Encoders of one module's types."""

    def __init__(self, converters: Conversion, definitions: Mapping[str, d.Definition]) -> None:
        self.converters = converters
        self.definitions = definitions
        self._named: dict[object, Encode | None] = {}
        self._unfinished: set[object] = set()

    def of(self, type_: t.Type) -> Encode | None:
        """Return the encoder of a type without free variables, or None."""
        match type_:
            case t.Scalar():
                return scalar_encoder(type_)
            case t.Array():
                return sequences.array_encoder(type_, self)
            case t.Set():
                return sequences.set_encoder(type_, self)
            case t.Tuple():
                return sequences.tuple_encoder(type_, self)
            case t.OpenTuple():
                return sequences.open_tuple_encoder(type_, self)
            case t.Map():
                return maps.map_encoder(type_, self)
            case t.Union():
                return result_unions.union_encoder(type_, self)
            case t.Reference():
                return self._reference(type_)
            case t.NdArray():
                return ndarrays.ndarray_encoder(type_)
            case t.Table():
                return tables.table_encoder(type_)
            case t.Custom():
                return customs.custom_encoder(type_, self, self.converters.codec_of(type_))
            case t.ServiceReference():
                return self._service(type_)
        return None

    def resolved(self, type_: t.Type) -> t.Type:
        """Return what a type comes down to behind its aliases and brands."""
        return self.converters.decoders.resolved(type_)

    def _service(self, reference: t.ServiceReference) -> Encode:
        name, register = reference.name, self.converters.register_service

        def encode_service(value: Any) -> Any:
            if value is None or isinstance(value, (str, int, float, list, dict)):
                raise unlike(f"an instance of {name}", value)
            return register(name, value)

        return encode_service

    def _reference(self, reference: t.Reference) -> Encode | None:
        key = type_key(reference)
        if key in self._unfinished:
            return self._later(key)
        if key not in self._named:
            self._unfinished.add(key)
            try:
                self._named[key] = self._define(reference)
            finally:
                self._unfinished.discard(key)
        return self._named[key]

    def _later(self, key: object) -> Encode:
        named = self._named

        def encode_recursively(value: Any) -> Any:
            encode = named[key]
            return value if encode is None else encode(value)

        return encode_recursively

    def _define(self, reference: t.Reference) -> Encode | None:
        definition = self.definitions[reference.name]
        match definition:
            case d.EnumDefinition():
                return enum_encoder(definition)
            case d.ObjectDefinition() | d.TupleDefinition():
                bindings = bindings_of(definition.type_parameters, reference.arguments)
                return record_encoder(definition, reference, bindings, self)
            case d.AliasDefinition():
                bindings = bindings_of(definition.type_parameters, reference.arguments)
                return self.of(substitute(definition.type, bindings))
            case d.NewTypeDefinition():
                return self.of(definition.base)
        return None
