"""Makes new inputs of old ones: what a fuzzer feeds to decoders.

It knows a little of what it damages. Most random bytes are refused at the first one; an input that was
good a moment ago, with another length, another tag or the middle of a neighbour, gets far.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

# First bytes of MessagePack values, of extensions with their types, and lengths at the edges.
TOKENS = tuple(
    bytes.fromhex(text)
    for text in (
        *("c0", "c1", "c2", "c3", "00", "7f", "80", "8f", "90", "9f", "a0", "bf", "e0", "ff"),
        *("c4 00", "c5 0000", "c6 00000000", "c6 ffffffff", "d9 ff", "da ffff", "db ffffffff"),
        *("dc 0000", "dc ffff", "dd 00000000", "dd ffffffff", "de 0001", "df ffffffff"),
        *("ca 7fc00000", "cb 7ff0000000000000", "cb 8000000000000000", "cb 4340000000000000"),
        *(
            "cf ffffffffffffffff",
            "cf 0020000000000000",
            "d3 8000000000000000",
            "d3 ffe0000000000000",
        ),
        *("d6 ff 00000000", "d7 ff 0000000000000000", "c7 0c ff 00000000 8000000000000000"),
        *("d7 ff ffffffff ffffffff", "c7 00 01", "d4 01 80", "c7 09 01 00ffffffffffffffff"),
        *("c7 04 02 0b000000", "c7 0c 02 0b010000 01000000 00000000", "c7 05 02 01000000 02"),
        *("d6 03 00000001", "d6 03 00000000", "d6 04 01000000", "d6 05 00000000", "d4 7f 00"),
        *("a1 61", "a2 c328", "a3 eda080", "a3 efbbbf", "a4 f4908080", "a9 5f5f70726f746f5f5f"),
        *("81 a1 61", "81 91", "82 a1 61 01 a1 61", "91" * 40, "81 a1 61" * 40),
    )
)
_MOST_BYTES = 4096


class Mutator:
    """Derives inputs from a corpus; the same seed gives the same ones."""

    def __init__(self, random: Random, corpus: Sequence[bytes]) -> None:
        self._random = random
        self._corpus = corpus
        self._ways: tuple[Callable[[bytearray], None], ...] = (
            *(self._flip_bit, self._set_byte, self._insert_token, self._overwrite_with_token),
            *(self._count, self._cut_out, self._repeat, self._truncate, self._splice),
        )

    def __call__(self) -> bytes:
        """Return an input that is like one or two of the corpus."""
        data = bytearray(self._random.choice(self._corpus))
        for _ in range(self._random.choice((1, 1, 1, 2, 3, 6))):
            self._random.choice(self._ways)(data)
        return bytes(data[:_MOST_BYTES])

    def _at(self, data: bytearray) -> int:
        return self._random.randrange(len(data)) if data else 0

    def _flip_bit(self, data: bytearray) -> None:
        if data:
            data[self._at(data)] ^= 1 << self._random.randrange(8)

    def _set_byte(self, data: bytearray) -> None:
        if data:
            data[self._at(data)] = self._random.randrange(256)

    def _count(self, data: bytearray) -> None:
        """Move a length, or whatever stands there, by a little."""
        if data:
            at = self._at(data)
            data[at] = (data[at] + self._random.choice((-2, -1, 1, 2))) % 256

    def _insert_token(self, data: bytearray) -> None:
        at = self._at(data)
        data[at:at] = self._random.choice(TOKENS)

    def _overwrite_with_token(self, data: bytearray) -> None:
        token, at = self._random.choice(TOKENS), self._at(data)
        data[at : at + len(token)] = token

    def _cut_out(self, data: bytearray) -> None:
        at = self._at(data)
        del data[at : at + self._random.randint(1, 8)]

    def _repeat(self, data: bytearray) -> None:
        at = self._at(data)
        data[at:at] = data[at : at + self._random.randint(1, 16)] * self._random.randint(1, 8)

    def _truncate(self, data: bytearray) -> None:
        del data[self._at(data) :]

    def _splice(self, data: bytearray) -> None:
        other = self._random.choice(self._corpus)
        start = self._random.randrange(len(other) + 1)
        at = self._at(data)
        data[at:at] = other[start : start + self._random.randint(1, 40)]
