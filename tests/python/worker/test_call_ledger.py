"""What a worker writes down of the calls it begins, and which of them it begins no more."""

from __future__ import annotations

import os
import struct
import sys
from collections import deque
from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker.protocol.errors import SynapseError
from synapse_worker.protocol.frames import FrameDecoder
from synapse_worker.protocol.messages import Kind, encode_message
from synapse_worker.worker.call_ledger import FIRST_SLOT, LEDGER_BYTES, SLOTS, CallLedger
from synapse_worker.worker.module import Module

from .dispatched import Dispatched

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="there is no memfd elsewhere")


def recall(ledger: CallLedger, *ids: int) -> None:
    """Do what a client does that wants calls back."""
    for call_id in ids:
        ledger.words[FIRST_SLOT + call_id % SLOTS] = call_id
    ledger.words[1] = max(ids)


class Served:
    """A module that tells what was begun by the ledger whenever code of its own runs."""

    def __init__(self) -> None:
        self.ledger = CallLedger()
        self.seen: list[tuple[str, int]] = []
        self.worker = Dispatched(self._module(), self.ledger)

    def see(self, what: str) -> None:
        self.seen.append((what, self.ledger.words[0]))

    def _module(self) -> Module:
        app = Module()

        @app.method
        def plain(what: str) -> str:
            self.see(what)
            return what

        @app.method
        def items(what: str) -> Iterator[str]:
            self.see(what)
            yield what

        @app.method
        async def asynchronous(what: str) -> str:
            self.see(what)
            return what

        @app.method
        async def asynchronous_items(what: str) -> AsyncIterator[str]:
            self.see(what)
            yield what

        @app.method
        def pretends(code: str) -> None:
            raise SynapseError(code, "not me", details={"begun": False, "more": 1})

        @app.method
        async def pretends_later(code: str) -> None:
            raise SynapseError(code, "not me", details={"begun": False, "more": 1})

        @app.method
        def count(also: int = 0) -> None:
            self.seen.append(("answers before", len(self.worker.answers)))

        @app.method
        def takes_back(*ids: int) -> None:
            recall(self.ledger, *ids)

        return app

    def call(self, call_id: int, method: str, *args: Any) -> None:
        self.worker.send(Kind.CALL, call_id, [method, list(args), {}])

    def open(self, call_id: int, method: str, *args: Any) -> None:
        self.worker.send(Kind.OPEN, call_id, [method, list(args), {}, 8])

    def call_together(self, *calls: tuple[str, dict[str, Any]]) -> None:
        """Have some that were read together served together."""
        frames = [
            encode_message(Kind.CALL, 1 + n, [method, [], names])
            for n, (method, names) in enumerate(calls)
        ]
        self.worker.dispatcher.serve(deque(FrameDecoder().feed(b"".join(frames))))

    def refusal_of(self, call_id: int) -> tuple[str, Any]:
        answer = self.worker.last_of(call_id)
        assert answer.kind is Kind.ERROR, answer
        return answer.body["code"], answer.body["details"]


@pytest.fixture
def served() -> Iterator[Served]:
    served = Served()
    yield served
    served.worker.close()


def test_every_kind_of_call_is_written_down_before_its_code_runs(served: Served) -> None:
    assert served.ledger.words[0] == 0
    served.call(3, "plain", "a function")
    served.open(5, "items", "a generator")
    served.worker.turn()
    served.worker.turn()
    served.worker.last_of(5)
    served.call(8, "asynchronous", "a coroutine")
    served.worker.last_of(8)
    served.open(9, "asynchronous_items", "an async generator")
    served.worker.last_of(9)
    assert served.seen == [
        ("a function", 3),
        ("a generator", 5),
        ("a coroutine", 8),
        ("an async generator", 9),
    ]


@pytest.mark.parametrize("names", [{}, {"also": 1}])
def test_where_nobody_reads_it_what_has_ended_is_said_before_the_next_one_begins(
    served: Served, names: dict[str, Any]
) -> None:
    greeting = len(served.worker.answers)
    served.call_together(*[("count", names)] * 20)
    assert [answers - greeting for _, answers in served.seen] == [*range(20)]


@pytest.mark.parametrize(
    ("method", "args"), [("missing", []), ("items", ["called, not opened"]), (7, [])]
)
def test_what_is_refused_is_not_written_down(served: Served, method: Any, args: list[str]) -> None:
    served.call(4, method, *args)
    assert served.worker.last_of(4).kind is Kind.ERROR
    assert served.ledger.words[0] == 0


def test_a_draining_worker_writes_nothing_down(served: Served) -> None:
    served.worker.dispatcher.drain()
    served.call(4, "plain", "late")
    assert served.refusal_of(4) == ("CLOSED", {"begun": False})
    assert served.ledger.words[0] == 0


def test_a_call_that_was_taken_back_does_not_begin_and_its_neighbours_do(served: Served) -> None:
    served.call(1, "takes_back", 2, 4, 5, 7)
    for call_id in (2, 3, 4):
        served.call(call_id, "plain", str(call_id))
    served.open(5, "items", "5")
    served.call(6, "asynchronous", "6")
    served.worker.last_of(6)
    served.call(7, "asynchronous", "7")
    served.call(8, "plain", "8")
    for call_id in (2, 4, 5, 7):
        assert served.refusal_of(call_id) == ("CLOSED", {"begun": False})
    assert [what for what, _ in served.seen] == ["3", "6", "8"]


@pytest.mark.parametrize("method", ["pretends", "pretends_later"])
def test_code_that_ran_cannot_say_that_it_has_not_begun(served: Served, method: str) -> None:
    served.call(1, method, "CLOSED")
    assert served.refusal_of(1) == ("CLOSED", {"more": 1})
    served.call(2, method, "ANOTHER")
    assert served.refusal_of(2) == ("ANOTHER", {"begun": False, "more": 1})


class RecallsWhatIsBegun:
    """Words of a client that takes each call back in the very moment in which it is written down."""

    def __init__(self, words: memoryview[int]) -> None:
        self._words = words

    def __getitem__(self, place: int) -> int:
        return self._words[place]

    def __setitem__(self, place: int, call_id: int) -> None:
        self._words[place] = call_id
        self._words[FIRST_SLOT + call_id % SLOTS] = self._words[1] = call_id


def test_a_call_that_is_taken_back_while_it_is_written_down_does_not_begin(served: Served) -> None:
    served.call(1, "plain", "1")  # from now on its form is known
    calls: Any = served.worker.dispatcher.calls
    calls.ledger.words = RecallsWhatIsBegun(served.ledger.words)
    served.call(2, "plain", "2")
    served.call(3, "pretends", "3")
    served.call(4, "asynchronous", "4")
    served.open(5, "items", "5")
    assert [served.refusal_of(call_id) for call_id in (2, 3, 4, 5)] == [
        ("CLOSED", {"begun": False})
    ] * 4
    assert [what for what, _ in served.seen] == ["1"]


def test_an_id_that_shares_the_slot_of_one_that_was_taken_back_begins(served: Served) -> None:
    recall(served.ledger, 2, 2 + 3 * SLOTS)
    served.call(2, "plain", "its slot is another's by now")
    served.call(2 + SLOTS, "plain", "never taken back")
    served.call(2 + 3 * SLOTS, "plain", "taken back")
    assert [at for _, at in served.seen] == [2, 2 + SLOTS]


def test_calls_that_were_taken_back_long_ago_bother_nobody(served: Served) -> None:
    recall(served.ledger, 2)
    served.call(2, "plain", "taken back")
    for call_id in range(3, 3 + 3 * SLOTS):
        served.call(call_id, "plain", "a later one")
    assert len(served.seen) == 3 * SLOTS


@linux_only
def test_shared_words_are_seen_from_both_sides_after_the_descriptor_is_closed() -> None:
    ledger = CallLedger()
    fd = ledger.share()
    assert fd is not None
    other = os.open(f"/proc/self/fd/{fd}", os.O_RDWR)
    ledger.settle(opened=True)
    try:
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(fd)
        ledger.words[0] = 2**48 - 1
        assert struct.unpack("=Q", os.pread(other, 8, 0)) == (2**48 - 1,)
        os.pwrite(other, struct.pack("=Q", 77), 8 * (FIRST_SLOT + 77))
        assert ledger.is_recalled(77)
        assert not ledger.is_recalled(78)
        assert os.fstat(other).st_size == LEDGER_BYTES
    finally:
        os.close(other)


def test_without_such_memory_the_words_stay_private(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(name: str) -> int:
        raise PermissionError(name)

    monkeypatch.setattr(os, "memfd_create", refuses, raising=False)
    ledger = CallLedger()
    assert ledger.share() is None
    monkeypatch.delattr(os, "memfd_create")
    assert ledger.share() is None
    ledger.settle(opened=True)
    ledger.words[0] = 1
    assert ledger.words[0] == 1
