"""A user's own types, by the codec they registered: its functions run around those of the wire type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .mismatch import Mismatch, refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..schema import types as t
    from .interface import Decoding, Encoding


def custom_decoder(custom: t.Custom, decoders: Decoding, codec: Any) -> Callable[[Any], Any]:
    """Return what has the user's codec decode a value of the wire type."""
    decode_wire, decode, name = decoders.of(custom.wire), codec.decode, custom.name

    def decode_custom(value: Any) -> Any:
        plain = decode_wire(value)
        try:
            return decode(plain)
        except Mismatch:
            raise
        except Exception as failure:
            raise refused(name, value, failure) from failure

    return decode_custom


def custom_encoder(custom: t.Custom, encoders: Encoding, codec: Any) -> Callable[[Any], Any]:
    """Return what has the user's codec encode a value, and the wire type's encoder after it."""
    encode, encode_wire, name = codec.encode, encoders.of(custom.wire), custom.name

    def encode_custom(value: Any) -> Any:
        try:
            plain = encode(value)
        except Exception as failure:
            raise refused(f"the codec of {name}", value, failure) from failure
        return plain if encode_wire is None else encode_wire(plain)

    return encode_custom
