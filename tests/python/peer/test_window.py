"""The reader's side of credit: how many items may be on their way, and when more are let in."""

from __future__ import annotations

import pytest

from synapse_worker.peer.window import INITIAL_ITEMS, Window


class Stream:
    """A producer that uses all the credit it gets, and a reader that takes one item at a time."""

    def __init__(self, item_bytes: int) -> None:
        self.window = Window()
        self.item_bytes = item_bytes
        self.credit = INITIAL_ITEMS
        self.waiting = 0
        self.most_waiting = 0

    def produce(self) -> None:
        """Send all there is credit for, in one message."""
        items, self.credit = self.credit, 0
        if items:
            self.waiting += items
            self.credit += self.window.arrived(items, items * self.item_bytes)
        self.most_waiting = max(self.most_waiting, self.waiting)

    def take(self) -> None:
        """Take one item."""
        self.waiting -= 1
        self.credit += self.window.took_one()


def run(item_bytes: int, items: int = 5000) -> Stream:
    stream = Stream(item_bytes)
    for _ in range(items):
        stream.produce()
        stream.take()
    return stream


def test_the_window_of_small_items_opens_to_256():
    assert run(10).most_waiting == 256


def test_the_window_of_large_items_is_two_from_the_first_message_on():
    stream = run(100 * 1024 * 1024)
    assert stream.most_waiting == 16  # what was allowed when nothing was known of their size
    assert stream.waiting <= 2


@pytest.mark.parametrize("item_bytes", [1, 30_000, 100_000, 1_000_000, 5_000_000, 10**9])
def test_a_reader_that_waits_has_always_given_credit(item_bytes):
    stream = Stream(item_bytes)
    for _ in range(2000):
        stream.produce()
        assert stream.waiting > 0
        while stream.waiting:
            stream.take()
        assert stream.credit > 0


def test_items_that_grow_close_the_window_again():
    stream = run(10)
    stream.item_bytes = 4 * 1024 * 1024
    for _ in range(600):
        stream.produce()
        if stream.waiting:
            stream.take()
    assert stream.waiting <= 2
