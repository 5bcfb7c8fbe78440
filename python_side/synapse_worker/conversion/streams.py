"""Streams as parameters: iterators whose items are converted as they are taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..protocol.codec.references import REFERENCE_ATTRIBUTE, StreamReference
from ..protocol.errors import ValidationError
from .mismatch import Mismatch, unlike
from .naming import type_name
from .parameters import current_bind, current_parameter
from .sequences import decode_items

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from ..schema import types as t
    from .interface import Decode, Decoding


class StreamPlan:
    """Converts the items of one parameter."""

    def __init__(self, decode: Decode) -> None:
        place = current_parameter.get()
        self._decode = decode
        self._method, self._parameter = (place.method, place.parameter) if place else ("", "")
        self._what = f"{place.label}(): argument" if place else "The stream's item"

    def decode_item(self, item: Any, number: int) -> Any:
        """Return an item, given with its number, as the annotation says.

        Raises:
            ValidationError: it is something else.
        """
        try:
            return self._decode(item)
        except Mismatch as mismatch:
            path = mismatch.within(number).path(self._parameter)
            raise ValidationError(
                f'{self._what} "{path}" {mismatch.problem}.',
                method=self._method,
                parameter=self._parameter,
                path=path,
                expected=mismatch.expected,
                got=mismatch.got,
            ) from mismatch.__cause__


def stream_decoder(stream: t.Stream, decoders: Decoding) -> Callable[[Any], Any]:
    """Return what makes a reference an iterator; a list, of whose items each is there, will do too."""
    decode, expected = decoders.of(stream.items), type_name(stream)
    plan = StreamPlan(decode)
    iterate = _later if stream.is_async else iter

    def decode_stream(value: Any) -> Any:
        # In a method that takes anything elsewhere, all references have become iterators before.
        reference = getattr(value, REFERENCE_ATTRIBUTE, value)
        if type(reference) is StreamReference:
            return current_bind.get()(reference, plan)
        if type(value) is not list:
            raise unlike(expected, value)
        return iterate(decode_items(value, decode))

    return decode_stream


async def _later(items: list[Any]) -> AsyncIterator[Any]:
    for item in items:
        yield item
