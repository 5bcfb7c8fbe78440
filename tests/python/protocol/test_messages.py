"""Messages against the shared vectors: layout, rules of the header, shapes of the bodies."""

from __future__ import annotations

import numpy as np
import pytest

from synapse_worker.protocol.codec import WireArray
from synapse_worker.protocol.errors import (
    DecodeError,
    EncodeError,
    FrameError,
    ProtocolError,
    error_to_wire,
)
from synapse_worker.protocol.messages import (
    NO_BODY,
    Kind,
    decode_body,
    decode_header,
    encode_message,
)

from .vectors import cases, load, same, title, to_bytes

EMPTY = ("END", "CANCEL", "DRAIN")
FIELD = {
    "HELLO": "body",
    "RESULT": "value",
    "ERROR": "error",
    "ITEMS": "items",
    "CREDIT": "items",
    "PROGRESS": "value",
    "LOG": "record",
    "PING": "value",
    "PONG": "value",
    "FAIL": "error",
}


def body_of(message):
    match message["kind"]:
        case "CALL":
            return [message["method"], message["args"], message["kwargs"], *meta_of(message)]
        case "OPEN":
            parts = [message[part] for part in ("method", "args", "kwargs", "credit")]
            return [*parts, *meta_of(message)]
        case "RESULT" if "run_ns" in message:
            return [message["run_ns"], message["value"]]
        case kind if kind in EMPTY:
            return NO_BODY
        case kind:
            return message[FIELD[kind]]


def meta_of(message):
    return [message["meta"]] if "meta" in message else []


def flags_of(message):
    timing = message.get("wants_timing") or "run_ns" in message
    return (1 if message.get("wants_progress") else 0) | (2 if timing else 0)


def frame_of(message):
    return encode_message(
        Kind[message["kind"]],
        message.get("id", 0),
        body_of(message),
        flags_of(message),
    )


def read(payload):
    return decode_header(payload), decode_body(payload)


@pytest.mark.parametrize("vector", cases("messages.json", "accepted"), ids=title)
def test_a_message_is_written_as_its_payload(vector):
    payload = to_bytes(vector["payload"])
    assert frame_of(vector["message"]) == len(payload).to_bytes(4, "little") + payload


@pytest.mark.parametrize("vector", cases("messages.json", "accepted"), ids=title)
def test_a_payload_is_read_as_its_message(vector):
    payload, message = to_bytes(vector["payload"]), vector["message"]
    flags = flags_of(message)
    for form in (payload, memoryview(payload), memoryview(bytearray(payload))):
        assert decode_header(form) == (Kind[message["kind"]], flags, message.get("id", 0))
        assert same(decode_body(form), body_of(message))


@pytest.mark.parametrize("vector", cases("messages.json", "refused"), ids=title)
def test_a_payload_against_the_protocol_is_refused(vector):
    payload = to_bytes(vector["payload"])
    with pytest.raises(ProtocolError) as caught:
        read(payload)
    assert caught.value.code == vector["error"]


@pytest.mark.parametrize("vector", cases("messages.json", "undecodable"), ids=title)
def test_a_body_that_does_not_decode_leaves_the_header_readable(vector):
    payload = to_bytes(vector["payload"])
    kind, _, call_id = decode_header(payload)
    assert (kind, call_id) == (Kind[vector["of"]], vector["id"])
    with pytest.raises(DecodeError) as caught:
        decode_body(payload)
    assert caught.value.code == vector["error"]


@pytest.mark.parametrize("vector", cases("messages.json", "ignored"), ids=title)
def test_kinds_from_128_on_pass_the_header(vector):
    kind, _, _ = decode_header(to_bytes(vector["payload"]))
    assert kind >= 128


def test_every_message_of_the_transcripts_can_be_written_and_read():
    transcripts = load("transcripts.json")
    messages = [
        step["send"]
        for role in transcripts.values()
        for t in role
        for step in t["steps"]
        if "send" in step
    ]
    assert len(messages) > 100
    for message in messages:
        payload = frame_of(message)[4:]
        kind, _, call_id = decode_header(payload)
        assert (Kind(kind).name, call_id) == (message["kind"], message.get("id", 0))
        assert same(decode_body(payload), body_of(message))


def test_a_body_that_cannot_travel_names_the_path():
    with pytest.raises(EncodeError) as caught:
        encode_message(Kind.RESULT, 1, {"items": [0, 1, 2, {"fn": print}]})
    assert caught.value.path == "$.items[3].fn"


def test_a_frame_above_the_limit_is_not_written():
    assert len(encode_message(Kind.RESULT, 1, "x" * 21, 0, 30)) == 34
    with pytest.raises(FrameError) as caught:
        encode_message(Kind.RESULT, 1, "x" * 22, 0, 30)
    assert caught.value.code == "FRAME_TOO_LARGE"


def test_an_error_gets_through_without_details_that_cannot_travel():
    error = {**error_to_wire(ValueError("boom")), "details": {"fn": print}}
    error["cause"] = {**error_to_wire(ValueError("why")), "details": object()}
    body = decode_body(encode_message(Kind.ERROR, 1, error)[4:])
    assert (body["message"], body["details"], body["cause"]["details"]) == ("boom", None, None)
    assert "$.details.fn" in body["notes"][-1]


def test_arrays_of_a_body_come_ready_where_that_is_asked_for():
    frame = encode_message(Kind.CALL, 1, ["sum", [np.arange(3)], {}])
    payload = memoryview(frame)[4:]
    assert type(decode_body(payload)[1][0]) is WireArray
    assert decode_body(payload, native_arrays=True)[1][0].tolist() == [0, 1, 2]
