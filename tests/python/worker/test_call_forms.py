"""A call whose form is known is decoded another way, and answered just the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypedDict

import pytest
from annotated_types import Ge

from synapse_worker import Module, current_context
from synapse_worker.conversion import FunctionPlan
from synapse_worker.protocol.codec import CODEC_NAME, CallbackReference, encode_value
from synapse_worker.protocol.frames import COPIED_BYTES, FrameDecoder, encode_frame
from synapse_worker.protocol.limits import MAX_C_RECURSION
from synapse_worker.protocol.messages import HEADER_BYTES, Kind, encode_message
from synapse_worker.worker import call_forms
from synapse_worker.worker.call_forms import CallForm

from .dispatched import Dispatched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from synapse_worker.worker.served_method import ServedMethod

pytestmark = pytest.mark.skipif(CODEC_NAME != "msgspec", reason="msgpack decodes no types")

TIMES = 3
NOON = datetime(2020, 1, 1, 12, tzinfo=timezone.utc)


@dataclass
class Point:
    x: int
    y: float


class Person(TypedDict):
    name: str


@dataclass
class Checked:
    call: int

    def __post_init__(self) -> None:
        self.call = current_context().call_id


app = Module()


@app.method
def give_back(*values):  # type: ignore[no-untyped-def]
    return list(values)


@app.method
def plain(a, b=2, **named):  # type: ignore[no-untyped-def]
    return [a, b, named]


@app.method
def moved(point: Point, by: int = 1) -> Point:
    assert type(point) is Point
    return Point(point.x + by, point.y)


@app.method
def half(value: float) -> float:
    assert type(value) is float
    return value / 2


@app.method
def with_options(
    count: int,
    data: bytes = b"x",
    when: datetime = NOON,
    level: Annotated[int, Ge(3)] = 5,
    side: Literal["buy", "sell"] = "buy",
) -> list[str]:
    return [repr(option) for option in (count, data, when, level, side)]


@app.method
def id_while_made(checked: Checked) -> int:
    return checked.call


@app.method
def anything(value: object) -> object:
    return callable(value)


@app.method
def names_of(people: list[Person]) -> list[str]:
    return [person["name"] for person in people]


@app.method
async def typed_later(point: Point) -> Point:
    assert type(point) is Point
    return Point(point.x, point.x / 2)


@dataclass
class Step:
    by: int
    times: int = 2


@app.method
async def own_values_later(step: Step, point: Point | None = None) -> list[str]:
    return sorted(vars(step))


@app.service
class Pen:
    def __init__(self, at: Point) -> None:
        self.at = at

    def move(self, by: Point) -> Point:
        self.at = Point(self.at.x + by.x, self.at.y + by.y)
        return self.at


@app.method
async def later(value):  # type: ignore[no-untyped-def]
    return value


@app.method(name="a name that is longer than thirty-one bytes")
def long_name(value: int) -> int:
    return value


@pytest.fixture
def connection() -> Iterator[Dispatched]:
    dispatched = Dispatched(app)
    yield dispatched
    dispatched.close()


class Caller:
    """Calls one method again and again, each time with a new id."""

    def __init__(self, dispatched: Dispatched) -> None:
        self.dispatched = dispatched
        self.last_id = 0

    def answer(self, method: str, *args: Any, **kwargs: Any) -> Any:
        return self.answer_to([method, list(args), kwargs])

    def answer_to(self, body: Any) -> Any:
        self.last_id += 1
        self.dispatched.send(Kind.CALL, self.last_id, body)
        answer = self.dispatched.last_of(self.last_id)
        if answer.kind is Kind.RESULT:
            return answer.body
        return {name: answer.body[name] for name in ("code", "message")}

    def same_answer(self, method: str, *args: Any, **kwargs: Any) -> Any:
        answers = [self.answer(method, *args, **kwargs) for _ in range(TIMES)]
        assert answers[1:] == answers[:-1]
        return answers[0]


@pytest.fixture
def caller(connection: Dispatched) -> Caller:
    return Caller(connection)


@pytest.fixture
def forms_used(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the methods that were found by their form."""
    used: list[str] = []
    make = CallForm.__init__

    def noting(self: CallForm, method: ServedMethod, decode: Any, *more: Any) -> None:
        def noting_decode(data: bytes) -> Any:
            decoded = decode(data)
            used.append(method.name)
            return decoded

        make(self, method, noting_decode, *more)

    monkeypatch.setattr(CallForm, "__init__", noting)
    return used


@pytest.mark.interpreted
def test_from_the_second_call_on_the_form_is_known(caller: Caller, forms_used: list[str]) -> None:
    assert caller.same_answer("moved", {"x": 1, "y": 2}) == {"x": 2, "y": 2.0}
    assert caller.same_answer("moved", {"x": 1, "y": 2}, 5) == {"x": 6, "y": 2.0}
    assert caller.same_answer("plain", {"a": [1, None, b"x"]}) == [{"a": [1, None, b"x"]}, 2, {}]
    assert caller.same_answer("later", 1) == 1
    assert forms_used == ["moved"] * 4 + ["plain"] * 2 + ["later"] * 2


@pytest.mark.interpreted
def test_async_methods_and_services_are_found_by_their_form_too(
    caller: Caller, forms_used: list[str]
) -> None:
    assert caller.same_answer("typed_later", {"x": 3, "y": 2}) == {"x": 3, "y": 1.5}
    first, *others = [caller.answer("Pen.$new", {"x": 1, "y": 2}) for _ in range(TIMES)]
    assert len({first, *others}) == TIMES
    for x in range(2, 2 + TIMES):
        assert caller.answer("Pen.move", first, {"x": 1, "y": 0}) == {"x": x, "y": 2.0}
    named = ("typed_later", "Pen.$new", "Pen.move")
    assert forms_used == [name for name in named for _ in range(TIMES - 1)]
    refused = caller.same_answer("Pen.move", first, {"x": 1})
    assert refused["code"] == "VALIDATION_FAILED"
    assert caller.same_answer("Pen.move", -1, {"x": 1, "y": 0})["code"] == "SERVICE_CLOSED"


@pytest.mark.parametrize(
    ("method", "argument", "answer"),
    [
        ("moved", {"x": 1, "y": 2}, {"x": 2, "y": 2.0}),
        ("typed_later", {"x": 3, "y": 2}, {"x": 3, "y": 1.5}),
        ("own_values_later", {"by": 3}, ["by", "times"]),
    ],
)
def test_what_was_decoded_as_its_types_is_not_converted_again(
    caller: Caller, monkeypatch: pytest.MonkeyPatch, method: str, argument: Any, answer: Any
) -> None:
    converted: list[Any] = []
    convert = FunctionPlan.convert_arguments

    def noting(self: FunctionPlan, *given: Any) -> Any:
        converted.append(given)
        return convert(self, *given)

    monkeypatch.setattr(FunctionPlan, "convert_arguments", noting)
    assert caller.same_answer(method, argument) == answer
    assert len(converted) == 1


def test_numbers_of_javascript_become_what_was_asked_for(caller: Caller) -> None:
    assert caller.same_answer("half", 3) == 1.5
    assert caller.same_answer("moved", {"x": 1.0, "y": 2}, 2**70) == {"x": 1 + 2**70, "y": 2.0}


def test_what_does_not_fit_is_refused_in_the_same_words(caller: Caller) -> None:
    first = caller.answer("moved", {"x": "1", "y": 2})
    caller.same_answer("moved", {"x": 1, "y": 2})
    assert caller.same_answer("moved", {"x": "1", "y": 2}) == first
    assert 'argument "point.x"' in first["message"]
    assert caller.same_answer("moved")["code"] == "INVALID_ARGUMENTS"
    assert caller.same_answer("moved", 1, 2, 3)["code"] == "INVALID_ARGUMENTS"
    assert caller.same_answer("plain")["code"] == "INVALID_ARGUMENTS"


@pytest.mark.parametrize("position", range(1, 5))
def test_no_option_takes_nothing_for_a_value(caller: Caller, position: int) -> None:
    """Not even where msgspec has no word for the option's type: from it, that call is not decoded."""
    given = [7, b"y", NOON, 4, "sell"][:position]
    whole = caller.same_answer("with_options", *given)
    assert whole[:position] == [repr(option) for option in given]
    refusal = caller.same_answer("with_options", *given, None)
    assert refusal["code"] == "VALIDATION_FAILED"
    assert caller.same_answer("with_options", *given) == whole


@pytest.mark.interpreted
def test_keywords_take_the_general_way(caller: Caller, forms_used: list[str]) -> None:
    for _ in range(TIMES):
        assert caller.answer("plain", 1) == [1, 2, {}]
        # What ends in the byte of an empty map is not always one.
        assert caller.answer("plain", 1, more={}) == [1, 2, {"more": {}}]
        assert caller.answer("plain", 1, more=-128) == [1, 2, {"more": -128}]
        assert caller.answer("plain", 1, b=b"\x80") == [1, b"\x80", {}]
    assert forms_used == ["plain"] * (TIMES - 1)


@pytest.mark.interpreted
def test_code_of_the_users_runs_inside_its_call(caller: Caller, forms_used: list[str]) -> None:
    for expected in range(1, 1 + TIMES):
        assert caller.answer("id_while_made", {"call": 0}) == expected
    assert forms_used == ["id_while_made"] * (TIMES - 1)


def test_functions_are_bound_to_their_call(caller: Caller) -> None:
    assert caller.same_answer("anything", 1) is False
    assert caller.same_answer("anything", CallbackReference(7)) is True
    assert caller.same_answer("anything", 1) is False


@pytest.mark.interpreted
def test_large_ones_are_decoded_by_their_form_too(caller: Caller, forms_used: list[str]) -> None:
    large = "x" * 5000
    assert caller.same_answer("give_back", large) == [large]
    assert caller.same_answer("names_of", [{"name": large}]) == [large]
    assert forms_used == ["give_back"] * (TIMES - 1) + ["names_of"] * (TIMES - 1)


def test_a_large_one_is_answered_before_its_arguments_are_let_go(caller: Caller) -> None:
    people = [{"name": "x" * 1000}] * 300
    caller.answer("names_of", people)
    (payload,) = FrameDecoder().feed(encode_message(Kind.CALL, 2, ["names_of", [people], {}]))
    caller.dispatched.dispatcher.receive(payload)  # and nobody flushes
    assert len(caller.dispatched.last_of(2).body) == len(people)


@pytest.mark.interpreted
def test_large_ones_that_nest_too_deeply_are_refused_in_the_same_words(
    caller: Caller, forms_used: list[str]
) -> None:
    caller.same_answer("give_back", 1)
    deep: Any = "x" * 5000
    for _ in range(90):
        deep = [deep]
    assert caller.same_answer("give_back", deep) == [deep]
    forms_used.clear()
    nested = b"\x91" * 200_000 + b"\xc0"
    body = encode_value(["give_back", [None], {}])
    for _ in range(TIMES):
        caller.last_id += 1
        header = encode_message(Kind.CALL, caller.last_id)[4:]
        payload = memoryview(header + body.replace(b"\xc0", nested))
        caller.dispatched.dispatcher.receive(payload)
        caller.dispatched.outbox.flush()
        assert caller.dispatched.last_of(caller.last_id).body["code"] == "DEPTH_EXCEEDED"
    assert forms_used == []


@pytest.mark.interpreted
def test_long_names_and_many_arguments_take_the_general_way(
    caller: Caller, forms_used: list[str]
) -> None:
    assert caller.same_answer("give_back", *range(16)) == list(range(16))
    assert caller.same_answer("a name that is longer than thirty-one bytes", 1) == 1
    assert forms_used == []
    assert caller.same_answer("give_back", *range(15)) == list(range(15))
    assert forms_used == ["give_back"] * (TIMES - 1)


def test_what_is_decoded_by_its_form_cannot_nest_too_deeply_for_c() -> None:
    """Every level takes a byte, and none is counted there: only what is short comes as `bytes`."""
    (longest,) = FrameDecoder().feed(encode_frame(bytes(COPIED_BYTES)))
    (longer,) = FrameDecoder().feed(encode_frame(bytes(COPIED_BYTES + 1)))
    assert (type(longest), type(longer)) == (bytes, memoryview)
    assert COPIED_BYTES < MAX_C_RECURSION


@pytest.mark.interpreted
def test_words_about_a_call_take_the_general_way(caller: Caller, forms_used: list[str]) -> None:
    for _ in range(TIMES):
        assert caller.answer_to(["give_back", [1], {}, {}]) == [1]
    assert forms_used == []


def test_a_body_cut_off_anywhere_fails_its_call_alone(caller: Caller) -> None:
    caller.same_answer("moved", {"x": 1, "y": 2})
    whole = encode_value(["moved", [{"x": 1, "y": 2}], {}])
    for size in range(len(whole)):
        caller.last_id += 1
        frame = encode_message(Kind.CALL, caller.last_id)
        payload = frame[4 : 4 + HEADER_BYTES] + whole[:size]
        caller.dispatched.dispatcher.receive(payload)
        caller.dispatched.outbox.flush()
        assert caller.dispatched.last_of(caller.last_id).body["code"] == "DECODE_FAILED"
    assert caller.answer("moved", {"x": 1, "y": 2}) == {"x": 2, "y": 2.0}


@pytest.mark.interpreted
def test_forms_are_bounded(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call_forms, "MAX_FORMS", 2)
    for count in (1, 2, 3, 3):
        assert caller.answer("give_back", *range(count)) == list(range(count))
    assert len(caller.dispatched.dispatcher.calls.forms.known) == 2
