"""What the families of types may ask of those who put converters together (`decoders`, `encoders`, `converters`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ..schema.definitions import Definition
    from ..schema.types import Custom, Type

Decode = Callable[[Any], Any]
"""Takes a value as the codec gives it, returns what user code is handed, or raises `Mismatch`."""

Encode = Callable[[Any], Any]
"""Takes what user code gives, returns what the codec carries, or raises `Mismatch`."""

Registrar = Callable[[str, object], int]
"""Takes the name of a service and an instance, returns the id the client knows it by."""


class Decoding(Protocol):
    """Where decoders come from."""

    definitions: Mapping[str, Definition]

    def of(self, type_: Type, /) -> Decode:
        """Return the decoder of a type."""

    def resolved(self, type_: Type, /) -> Type:
        """Return what a type comes down to behind its aliases and brands."""


class Encoding(Protocol):
    """Where encoders come from."""

    definitions: Mapping[str, Definition]

    def of(self, type_: Type, /) -> Encode | None:
        """Return the encoder of a type, or None where the codec carries it as it is."""

    def resolved(self, type_: Type, /) -> Type:
        """Return what a type comes down to behind its aliases and brands."""


class Conversion(Protocol):
    """Everything of one module."""

    register_service: Registrar

    @property
    def decoders(self) -> Decoding:
        """Where its decoders come from."""

    @property
    def encoders(self) -> Encoding:
        """Where its encoders come from."""

    def codec_of(self, custom: Custom, /) -> Any:
        """Return the codec that the user registered for a type."""
