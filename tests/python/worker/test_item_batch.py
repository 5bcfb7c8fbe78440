"""Items of a stream are encoded as they are yielded, travel together, and fit their frames."""

from __future__ import annotations

from typing import Any

import pytest

from synapse_worker.protocol.errors import SynapseError
from synapse_worker.protocol.messages import decode_body, decode_header
from synapse_worker.worker.item_batch import ItemBatch
from synapse_worker.worker.replies import Replies

STREAM = 7
ITEMS = 6


class Sent:
    def __init__(self) -> None:
        self.frames: list[bytes] = []

    @property
    def bodies(self) -> list[Any]:
        assert {decode_header(frame[4:]) for frame in self.frames} <= {(ITEMS, 0, STREAM)}
        return [decode_body(frame[4:]) for frame in self.frames]


def batch_of(sent: Sent, max_frame_bytes: int = 1 << 20) -> ItemBatch:
    return ItemBatch(STREAM, Replies(max_frame_bytes), sent.frames.append)


def test_the_first_item_goes_alone_and_at_once() -> None:
    assert batch_of(Sent()).add("first")


@pytest.mark.parametrize("count", [1, 15, 16, 200])
def test_what_waits_goes_in_one_message(count: int) -> None:
    sent = Sent()
    batch = batch_of(sent)
    for number in range(count):
        batch.add(number)
    batch.send()
    assert sent.bodies == [list(range(count))]
    assert not batch


def test_an_object_that_changes_later_travels_as_it_was() -> None:
    sent = Sent()
    batch = batch_of(sent)
    state = {"n": 0}
    for number in range(3):
        state["n"] = number
        batch.add(state)
    batch.send()
    assert sent.bodies == [[{"n": 0}, {"n": 1}, {"n": 2}]]


def test_items_too_large_together_go_one_by_one() -> None:
    sent = Sent()
    batch = batch_of(sent, max_frame_bytes=100)
    for text in ("a" * 60, "b" * 60):
        batch.add(text)
    batch.send()
    assert sent.bodies == [["a" * 60], ["b" * 60]]


def test_an_item_too_large_alone_is_refused() -> None:
    batch = batch_of(Sent(), max_frame_bytes=100)
    with pytest.raises(SynapseError) as refused:
        batch.add("x" * 101)
    assert refused.value.code == "FRAME_TOO_LARGE"


def test_an_item_that_cannot_travel_is_refused_and_those_before_it_are_kept() -> None:
    sent = Sent()
    batch = batch_of(sent)
    batch.add(1)
    with pytest.raises(SynapseError) as refused:
        batch.add({"fn": print})
    assert refused.value.code == "ENCODE_FAILED"
    assert "$.fn" in str(refused.value)
    batch.send()
    assert sent.bodies == [[1]]


def test_nothing_follows_a_drop() -> None:
    sent = Sent()
    batch = batch_of(sent)
    batch.add(1)
    batch.drop()
    batch.send()
    assert sent.frames == []


def test_a_batch_of_large_items_is_full_by_its_bytes() -> None:
    batch = batch_of(Sent())
    batch.add(0)
    batch.send()
    full = [batch.add(b"x" * 100_000) for _ in range(3)]
    assert full == [False, False, True]


def test_large_items_of_the_batch_before_are_not_counted() -> None:
    batch = batch_of(Sent())
    batch.add(b"x" * 200_000)
    batch.send()
    assert not batch.add(1)
    assert not batch.add(b"x" * 100_000)


def test_who_watches_is_told_of_the_first_that_waits_and_of_no_other() -> None:
    sent = Sent()
    told: list[int] = []
    batch = ItemBatch(
        STREAM, Replies(1 << 20), sent.frames.append, lambda batch: told.append(len(batch))
    )
    batch.add("alone")
    batch.send()
    assert told == []
    for number in range(3):
        batch.add(number)
    batch.send()
    batch.add(b"x" * 2000)
    assert told == [1, 1]
