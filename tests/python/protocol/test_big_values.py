"""While many bytes become values the garbage collector rests, and it is as it was afterwards."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker.protocol.codec import msgpack_binding, msgspec_binding
from synapse_worker.protocol.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from synapse_worker.protocol.codec.binding import Binding

BINDINGS = [msgspec_binding.binding, msgpack_binding.binding]
# Lists in dicts: the collector looks at these, as it does not at dicts of plain values.
MANY = [{"id": number, "tags": ["a", "b"]} for number in range(50_000)]
FEW = MANY[:10]


@pytest.fixture
def collections() -> Iterator[list[str]]:
    """Collect what the collector does meanwhile."""
    seen: list[str] = []

    def note(phase: str, _: dict[str, Any]) -> None:
        seen.append(phase)

    gc.callbacks.append(note)
    yield seen
    gc.callbacks.remove(note)


@pytest.mark.parametrize("binding", BINDINGS, ids=lambda binding: binding.name)
def test_the_collector_rests_while_many_bytes_are_decoded(
    binding: Binding, collections: list[str]
) -> None:
    data = binding.encode(MANY)
    gc.collect()
    collections.clear()
    value = binding.decode(data)
    begun = collections.count("start")
    assert value == MANY
    assert begun <= 3  # those that were due by then, once it was over: one for each generation
    assert gc.isenabled()


@pytest.mark.parametrize("binding", BINDINGS, ids=lambda binding: binding.name)
@pytest.mark.parametrize("value", [MANY, FEW], ids=["many", "few"])
def test_a_collector_that_was_off_stays_off(binding: Binding, value: object) -> None:
    data = binding.encode(value)
    gc.disable()
    try:
        assert binding.decode(data) == value
        assert not gc.isenabled()
    finally:
        gc.enable()


@pytest.mark.parametrize("binding", BINDINGS, ids=lambda binding: binding.name)
def test_the_collector_goes_on_after_bytes_that_are_no_value(binding: Binding) -> None:
    data = binding.encode(MANY)[:-1]
    with pytest.raises(DecodeError):
        binding.decode(data)
    assert gc.isenabled()
