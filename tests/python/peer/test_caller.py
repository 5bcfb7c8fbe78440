"""The calling half keeps its rules: ids grow, late answers are dropped, impossible ones refused."""

from __future__ import annotations

from typing import Any

import pytest

from synapse_worker.peer.caller import Caller
from synapse_worker.protocol.errors import EncodeError, ProtocolError, SynapseError
from synapse_worker.protocol.messages import Kind, decode_body, decode_header, encode_message

RESULT, ERROR, ITEMS, END, PROGRESS = 3, 4, 6, 7, 10


class Receiver:
    def __init__(self) -> None:
        self.heard: list[tuple[str, Any]] = []

    def on_result(self, value: Any) -> None:
        self.heard.append(("result", value))

    def on_error(self, error: SynapseError) -> None:
        self.heard.append(("error", error.code))

    def on_items(self, items: list[Any], payload_bytes: int) -> None:
        self.heard.append(("items", items))

    def on_progress(self, value: Any) -> None:
        self.heard.append(("progress", value))


class Fixture:
    def __init__(self) -> None:
        self.sent: list[tuple[int, int, int, Any]] = []
        self.caller = Caller(self._send)
        self.receiver = Receiver()

    def _send(self, frame: bytes) -> None:
        payload = frame[4:]
        self.sent.append((*decode_header(payload), decode_body(payload)))

    def call(self) -> int:
        return self.caller.call("m", [1], {"k": 2}, self.receiver)

    def open(self, credit: int = 4) -> int:
        return self.caller.open("m", [], {}, self.receiver, credit=credit)

    def answer(self, kind: int, call_id: int, *body: Any) -> None:
        self.caller.receive(encode_message(kind, call_id, *body)[4:])


@pytest.fixture
def given() -> Fixture:
    return Fixture()


def test_ids_start_at_one_and_grow_over_calls_and_streams(given: Fixture) -> None:
    assert [given.call(), given.open(), given.call()] == [1, 2, 3]
    assert given.sent[0] == (Kind.CALL, 0, 1, ["m", [1], {"k": 2}])
    assert given.sent[1] == (Kind.OPEN, 0, 2, ["m", [], {}, 4])


def test_arguments_that_cannot_travel_send_nothing_and_use_no_id(given: Fixture) -> None:
    with pytest.raises(EncodeError):
        given.caller.call("m", [print], {}, given.receiver)
    assert given.sent == []
    assert given.call() == 1


def test_answers_reach_their_receiver(given: Fixture) -> None:
    given.call()
    given.answer(PROGRESS, 1, "half")
    given.answer(RESULT, 1, 42)
    assert given.receiver.heard == [("progress", "half"), ("result", 42)]


def test_a_late_answer_is_dropped(given: Fixture) -> None:
    given.call()
    given.answer(RESULT, 1, 42)
    given.answer(RESULT, 1, 43)
    given.answer(PROGRESS, 1, 43)
    assert given.receiver.heard == [("result", 42)]


def test_an_answer_to_an_id_never_issued_breaks_the_protocol(given: Fixture) -> None:
    with pytest.raises(ProtocolError):
        given.answer(RESULT, 1, 42)


@pytest.mark.parametrize(("kind", "body"), [(ITEMS, [[1]]), (END, [])])
def test_stream_answers_to_a_call_break_the_protocol(
    given: Fixture, kind: int, body: list[Any]
) -> None:
    given.call()
    with pytest.raises(ProtocolError):
        given.answer(kind, 1, *body)


def test_a_result_of_a_stream_breaks_the_protocol(given: Fixture) -> None:
    given.open()
    with pytest.raises(ProtocolError):
        given.answer(RESULT, 1, 42)


def test_items_beyond_the_credit_break_the_protocol(given: Fixture) -> None:
    given.open(credit=2)
    given.answer(ITEMS, 1, [1, 2])
    given.caller.add_credit(1, 1)
    given.answer(ITEMS, 1, [3])
    with pytest.raises(ProtocolError):
        given.answer(ITEMS, 1, [4])
    assert given.receiver.heard == [("items", [1, 2]), ("items", [3])]


@pytest.mark.parametrize("kind", [RESULT, ERROR, PROGRESS])
def test_an_answer_that_cannot_be_read_fails_its_call_alone(given: Fixture, kind: int) -> None:
    given.call()
    broken = bytes([kind, 0, 1, 0, 0, 0, 0, 0, 0xC1])
    given.caller.receive(broken)
    assert given.receiver.heard == [("error", "DECODE_FAILED")]
    given.answer(RESULT, 1, 42)
    assert len(given.receiver.heard) == 1


def test_items_that_cannot_be_read_also_cancel_the_stream(given: Fixture) -> None:
    given.open()
    given.caller.receive(bytes([ITEMS, 0, 1, 0, 0, 0, 0, 0, 0xC1]))
    assert given.receiver.heard == [("error", "DECODE_FAILED")]
    assert given.sent[-1][:3] == (Kind.CANCEL, 0, 1)


def test_losing_the_connection_settles_everything_and_refuses_the_rest(given: Fixture) -> None:
    given.call()
    given.open()
    given.caller.lose(SynapseError("WORKER_EXITED", "gone"))
    given.caller.lose(SynapseError("CLOSED", "again"))
    assert given.receiver.heard == [("error", "WORKER_EXITED"), ("error", "WORKER_EXITED")]
    with pytest.raises(SynapseError, match="gone"):
        given.call()
