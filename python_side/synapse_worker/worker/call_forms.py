"""Calls of a form that was seen before: what they give is decoded at once, straight to what the method takes.

A form is a method's name and how many arguments are given by position, none by name. All its calls begin
with the same bytes, by which it is found without decoding anything, and end with the map of no keywords:
where the array of arguments fills all that is between, these are the arguments. Everything else, wrong or
only rare, takes the general way (`decode_body`), which also knows what to say about it.

    offset  size  bytes of a body
    0       1     0x93, an array of three
    1       1     0xa0 + n, a text of n < 32 bytes
    2       n     the method's name
    2 + n   1     0x90 + m, an array of m < 16 arguments
    3 + n         the arguments
    -1      1     0x80, an empty map
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from synapse_worker.protocol.codec import argument_decoder, decode_long
from synapse_worker.protocol.messages import HEADER_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.protocol.codec.binding import Bytes
    from synapse_worker.protocol.frames import Payload
    from synapse_worker.worker.served_method import ServedMethod

BODY_OF_THREE: Final = b"\x93"
NO_KEYWORDS: Final = 0x80
TEXT_HEADER: Final = HEADER_BYTES + 1
SHORT_TEXT: Final = 0xA0
TEXT_SIZE: Final = 0x1F
# Where the name ends is this and its size; one byte more tells how many arguments there are.
NAME_AND_BEFORE: Final = HEADER_BYTES + 2
SHORT_ARRAY: Final = 0x90
# More than a module's client uses would be a caller's game.
MAX_FORMS: Final = 1024


class CallForm:
    """One form: whose calls it has, and how to decode their arguments."""

    __slots__ = ("decode", "method", "target", "target_alone")

    def __init__(
        self,
        method: ServedMethod,
        decode: Callable[[Bytes], tuple[Any, ...]],
        target: Callable[..., Any],
    ) -> None:
        self.method = method
        self.decode = decode
        self.target = target
        # To put in front of arguments: two tuples are joined faster than a new one is filled.
        self.target_alone: tuple[Any, ...] = (target,)


class CallForms:
    """The forms that the calls of one connection have had."""

    def __init__(self) -> None:
        # None for those that have to go the general way.
        self.known: dict[bytes, CallForm | None] = {}

    def decode(self, payload: Payload) -> tuple[CallForm, tuple[Any, ...]] | None:
        """Return the form of a CALL and its arguments, or None if it has to go the general way."""
        # As bytes come short ones alone (`COPIED_BYTES`): too short to nest too deeply for the decoder.
        is_short = type(payload) is bytes
        if payload[-1] != NO_KEYWORDS or not (is_short or type(payload) is memoryview):
            return None
        try:
            end = NAME_AND_BEFORE + (payload[TEXT_HEADER] & TEXT_SIZE)
            form = self.known.get(bytes(payload[HEADER_BYTES : end + 1]))
            if form is None:
                return None
            args = payload[end:-1]
            return form, form.decode(args) if is_short else decode_long(form.decode, args)
        except Exception:  # whatever is wrong, the general way says it better
            return None

    def learn(self, payload: Payload, method: ServedMethod, count: int) -> None:
        """Note the form of a CALL with `count` arguments that has come the general way."""
        end = NAME_AND_BEFORE + (payload[TEXT_HEADER] & TEXT_SIZE)
        prefix = bytes(payload[HEADER_BYTES : end + 1])
        if (
            prefix in self.known
            or len(self.known) == MAX_FORMS
            or prefix[:1] != BODY_OF_THREE
            or prefix[1] & ~TEXT_SIZE != SHORT_TEXT
            or prefix[-1] != SHORT_ARRAY | count
        ):
            return
        types, target = method.decoding(count) if method.decoding else (tuple, method.target)
        decode = argument_decoder(types)
        self.known[prefix] = None if decode is None else CallForm(method, decode, target)
