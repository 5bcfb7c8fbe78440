"""What was read together is served in order, each call once, whatever else comes between plain ones."""

from __future__ import annotations

import time
import weakref
from collections import deque
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker import Module, current_context
from synapse_worker.protocol.errors import ProtocolError
from synapse_worker.protocol.frames import FrameDecoder
from synapse_worker.protocol.messages import FLAG_TIMING, Kind, encode_message
from synapse_worker.worker import burst, replies
from synapse_worker.worker.dispatcher import ClientFailedError

from .dispatched import Answer, Dispatched

if TYPE_CHECKING:
    from collections.abc import Iterator

# Longer than a method may take whose answer waits for the next.
SLOW_SECONDS = 0.001

app = Module()
# What had been answered when each call began.
answered: dict[Any, list[int]] = {}
asked: list[Dispatched] = []


@app.method
def echo(value):  # type: ignore[no-untyped-def]
    answered[value] = [answer.id for answer in asked[-1].answers]
    return value


@app.method
def call_id(_):  # type: ignore[no-untyped-def]
    return current_context().call_id


@app.method
def slow(value):  # type: ignore[no-untyped-def]
    time.sleep(SLOW_SECONDS)
    return echo(value)


@app.method
def fail(value):  # type: ignore[no-untyped-def]
    raise ValueError(value)


@app.method
def cannot_travel(value):  # type: ignore[no-untyped-def]
    return {value}.__contains__


@app.method
def print_half_a_line(value):  # type: ignore[no-untyped-def]
    asked[-1].dispatcher.reports.printed(current_context(), "stdout", value)


@app.method
def drain(_):  # type: ignore[no-untyped-def]
    asked[-1].dispatcher.drain()


@dataclass
class Made:
    number: int


# Of each call so far what it made, and how much of that was left when the next one ran.
made: list[weakref.ref[Made]] = []
left: list[int] = []
for_the_call: ContextVar[Made] = ContextVar("for_the_call")


def note(number: int) -> Made:
    left.append(sum(one() is not None for one in made))
    one = Made(number)
    made.append(weakref.ref(one))
    return one


@app.method
def make(number):  # type: ignore[no-untyped-def]
    return note(number)


@app.method
def make_for_the_call(number):  # type: ignore[no-untyped-def]
    for_the_call.set(note(number))


@app.method
async def later(value):  # type: ignore[no-untyped-def]
    return value


@app.method
def items(count):  # type: ignore[no-untyped-def]
    yield from range(count)


class Connection(Dispatched):
    """One on which messages arrive together."""

    def __init__(self) -> None:
        super().__init__(app)
        self.last_id = 0
        asked.append(self)
        for method in ("echo", "call_id", "slow", "fail", "cannot_travel", "later"):
            self.serve(self.call(method, 0))  # from now on its form is known
            self.last_of(self.last_id)
        self.serve(self.call("print_half_a_line", ""))
        self.answers.clear()

    def call(self, method: str, *args: Any, flags: int = 0, **kwargs: Any) -> bytes:
        self.last_id += 1
        return encode_message(Kind.CALL, self.last_id, [method, list(args), kwargs], flags)

    def serve(self, *frames: bytes) -> deque[Any]:
        """Have these frames arrive at once; return what of them was left."""
        arrived = deque(FrameDecoder().feed(b"".join(frames)))
        try:
            self.dispatcher.serve(arrived)
        finally:
            self.outbox.flush()
        return arrived

    def settled(self) -> list[Answer]:
        return [answer for answer in self.answers if answer.kind is not Kind.LOG]


@pytest.fixture
def connection() -> Iterator[Connection]:
    answered.clear()
    connection = Connection()
    yield connection
    connection.close()
    asked.clear()


def test_plain_calls_are_answered_in_order_each_in_its_own_context(connection: Connection) -> None:
    first = connection.last_id + 1
    connection.serve(*(connection.call("call_id", None) for _ in range(40)))
    expected = list(range(first, first + 40))
    assert [(a.kind, a.id, a.body) for a in connection.answers] == [
        (Kind.RESULT, number, number) for number in expected
    ]


def test_whatever_comes_between_plain_calls_is_served_in_its_turn(connection: Connection) -> None:
    frames = {
        "plain": connection.call("echo", 1),
        "by name": connection.call("echo", value=2),
        "unknown": connection.call("nobody", 3),
        "timed": connection.call("echo", 4, flags=FLAG_TIMING),
        "fails": connection.call("fail", 5),
        "wrong arguments": connection.call("echo", 1, 2),
        "does not travel": connection.call("cannot_travel", 6),
        "plain again": connection.call("echo", 7),
    }
    first = connection.last_id - len(frames) + 1
    cancel_of_nobody = encode_message(Kind.CANCEL, first + 100)
    connection.serve(*frames.values(), cancel_of_nobody)
    kinds = [(a.id - first, a.kind.name) for a in connection.settled()]
    assert kinds == [
        *enumerate(["RESULT", "RESULT", "ERROR", "RESULT", "ERROR", "ERROR", "ERROR", "RESULT"])
    ]
    bodies = [a.body for a in connection.settled()]
    assert (bodies[0], bodies[1], bodies[3][1], bodies[7]) == (1, 2, 4, 7)
    codes = [bodies[place]["code"] for place in (2, 4, 5, 6)]
    assert codes == ["METHOD_NOT_FOUND", "PYTHON_EXCEPTION", "INVALID_ARGUMENTS", "ENCODE_FAILED"]


def test_async_calls_and_streams_begin_between_plain_ones(connection: Connection) -> None:
    plain = connection.call("echo", 1)
    asynchronous = connection.call("later", 2)
    connection.last_id += 1
    stream = encode_message(Kind.OPEN, connection.last_id, ["items", [3], {}, 8])
    connection.serve(plain, asynchronous, stream, connection.call("echo", 4))
    connection.turn()  # the first item alone
    connection.turn()
    last = connection.last_id
    assert connection.last_of(last - 3).body == 1
    assert connection.last_of(last - 2).body == 2
    assert connection.last_of(last - 1).kind is Kind.END
    assert connection.last_of(last).body == 4


def test_the_answer_of_a_slow_call_and_those_before_it_wait_for_nothing(
    connection: Connection,
) -> None:
    connection.serve(*(connection.call(name, name) for name in ("echo", "slow", "echo")))
    first = connection.last_id - 2
    # `slow` is known to be: what waited left before it ran, and its own answer before the next call.
    assert answered["slow"] == [first]
    connection.serve(connection.call("slow", "a"), connection.call("echo", "b"))
    assert connection.last_id - 1 in answered["b"]


def test_what_a_plain_call_printed_last_is_a_line_before_its_answer(connection: Connection) -> None:
    connection.serve(connection.call("print_half_a_line", "half"), connection.call("echo", 1))
    log, printed, _ = connection.answers
    assert (log.kind, log.body["message"], log.id) == (Kind.LOG, "half", printed.id)


@pytest.mark.parametrize("method", ["make", "make_for_the_call"])
def test_nothing_of_a_call_is_left_when_the_next_one_runs(
    connection: Connection, method: str
) -> None:
    connection.serve(connection.call(method, 0))
    made.clear()
    left.clear()
    connection.serve(*(connection.call(method, number) for number in range(3)))
    assert left == [0, 0, 0]


def test_calls_behind_the_one_that_drains_are_given_back(connection: Connection) -> None:
    connection.serve(*(connection.call("drain", 0), connection.call("echo", 1)))
    given_back = connection.last_of(connection.last_id)
    assert given_back.body["code"] == "CLOSED"
    assert given_back.body["details"] == {"begun": False}


def test_a_cancel_that_came_before_its_call_hits_it_alone(connection: Connection) -> None:
    first = connection.last_id + 1
    connection.dispatcher.cancel(first + 1)
    connection.serve(*(connection.call("echo", number) for number in range(3)))
    kinds = [answer.kind for answer in connection.answers]
    assert kinds == [Kind.RESULT, Kind.ERROR, Kind.RESULT]
    assert connection.answers[1].body["code"] == "CALL_CANCELLED"
    assert not connection.interruptor.remembered


def test_an_id_that_is_not_new_ends_the_connection_and_nothing_behind_it_begins(
    connection: Connection,
) -> None:
    again = connection.call("echo", 1)
    with pytest.raises(ProtocolError, match="is not new"):
        connection.serve(again, again, connection.call("echo", 2))
    assert list(answered) == [0, 1]


def test_a_client_that_gives_up_in_between_ends_the_connection(connection: Connection) -> None:
    gives_up = encode_message(Kind.FAIL, 0, {"code": "CLOSED", "message": "enough"})
    with pytest.raises(ClientFailedError, match="enough"):
        connection.serve(connection.call("echo", 1), gives_up, connection.call("echo", 2))
    assert list(answered) == [0, 1]


@pytest.mark.parametrize("size", range(8))
def test_a_message_without_a_whole_header_ends_the_connection(
    connection: Connection, size: int
) -> None:
    with pytest.raises(ProtocolError):
        connection.dispatcher.serve(deque([connection.call("echo", 1)[4 : 4 + size]]))


def test_the_numbers_that_are_written_out_are_those_of_the_protocol() -> None:
    assert burst.PLAIN_CALL == Kind.CALL
    assert replies.RESULT == Kind.RESULT


@pytest.mark.parametrize("level", ["ERROR", 30, None])
def test_a_record_may_have_a_level_of_any_kind(level: object) -> None:
    app = Module()
    app.method(lambda: current_context().log(1.5, level=level), name="log")  # type: ignore[call-overload]
    served = Dispatched(app)
    served.send(Kind.CALL, 1, ["log", [], {}])
    served.close()
    logged, _ = served.answers
    assert (logged.kind, logged.body["message"], logged.body["level"]) == (Kind.LOG, "1.5", level)
