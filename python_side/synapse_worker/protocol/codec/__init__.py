"""Values to bytes and back: MessagePack with exact integers, times and strict text.

Implements the section "Values" of `docs/protocol.md`. msgspec does the work where it can be imported, msgpack
elsewhere; both pass the same vectors.
"""

from .arrays import WireArray
from .choice import (
    CODEC_NAME,
    argument_decoder,
    decode_long,
    decode_value,
    decode_value_with,
    encode_value,
    large_value_encoder,
)
from .references import CallbackReference, StreamReference
from .segment_references import ArrivedSegments, SegmentedBody

__all__ = [
    "CODEC_NAME",
    "ArrivedSegments",
    "CallbackReference",
    "SegmentedBody",
    "StreamReference",
    "WireArray",
    "argument_decoder",
    "decode_long",
    "decode_value",
    "decode_value_with",
    "encode_value",
    "large_value_encoder",
]
