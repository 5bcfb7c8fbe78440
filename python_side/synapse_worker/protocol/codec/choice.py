"""Which library carries values in this process: msgspec, or else msgpack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .binding import bounded_recursion, collector_at_rest

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .binding import Binding, Bytes
    from .large_values import LargeValueEncoder


def choose() -> Binding:
    """Return the binding to the best library there is.

    Raises:
        ImportError: there is neither.
    """
    try:
        from .msgspec_binding import binding
    except ImportError as without_msgspec:
        try:
            from .msgpack_binding import binding
        except ImportError as without_msgpack:
            raise ImportError(
                "Synapse needs msgspec or msgpack to carry values, and neither can be imported by this Python "
                f"({without_msgspec}; {without_msgpack}). Add one of them to the module's requirements."
            ) from without_msgpack
    return binding


_binding = choose()
CODEC_NAME = _binding.name
encode_value = _binding.encode
decode_value = _binding.decode
argument_decoder = _binding.argument_decoder
decode_value_with = _binding.decode_with


def decode_long(decode: Callable[[Bytes], Any], data: Bytes) -> Any:
    """Return what an argument decoder makes of more bytes than it may be given without a guard."""
    with bounded_recursion(), collector_at_rest(data):
        return decode(data)


def large_value_encoder() -> LargeValueEncoder:
    """Return an encoder for a connection whose other end reads segments."""
    from .large_values import LargeValueEncoder

    return LargeValueEncoder(_binding)
