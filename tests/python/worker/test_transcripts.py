"""The shared transcripts, replayed in memory: to the dispatcher and to the Python client's connection.

`tests/vectors/README.md` says what the steps mean.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker.peer.hello import hello_body
from synapse_worker.peer.outbox import Outbox
from synapse_worker.protocol.errors import SynapseError
from synapse_worker.protocol.frames import FrameDecoder, encode_frame
from synapse_worker.protocol.messages import (
    EMPTY_KINDS,
    FLAG_WANTS_PROGRESS,
    NO_BODY,
    Kind,
    decode_body,
    decode_header,
    encode_message,
)
from synapse_worker.supervisor.connection import Connection
from synapse_worker.transport.memory import MemoryTransport, memory_pair
from synapse_worker.worker.context import current_context
from synapse_worker.worker.dispatcher import ClientFailedError, Dispatcher
from synapse_worker.worker.event_loop import EventLoopThread
from synapse_worker.worker.interruption import Interruptor
from synapse_worker.worker.module import Module

if TYPE_CHECKING:
    from collections.abc import Callable

TRANSCRIPTS = json.loads(
    (Path(__file__).parents[2] / "vectors" / "transcripts.json").read_text(encoding="utf-8")
)
DEADLINE_SECONDS = 10.0
MAX_FRAME_BYTES = 2**29


def names(role: str) -> Any:
    return pytest.mark.parametrize(
        "steps", [pytest.param(t["steps"], id=t["name"]) for t in TRANSCRIPTS[role]]
    )


def bytes_of(notation: Any) -> bytes:
    if isinstance(notation, str):
        return bytes.fromhex(notation)
    if isinstance(notation, dict):
        return bytes.fromhex(notation["repeat"]) * int(notation["times"])
    return b"".join(map(bytes_of, notation))


def frame_of(message: dict[str, Any]) -> bytes:
    kind = Kind[message["kind"]]
    flags = FLAG_WANTS_PROGRESS if message.get("wants_progress") else 0
    body: Any = NO_BODY
    if kind in (Kind.CALL, Kind.OPEN):
        body = [message["method"], message["args"], message["kwargs"]]
        body += [message["credit"]] if kind == Kind.OPEN else []
    elif kind not in EMPTY_KINDS:
        (field,) = {"value", "items", "error", "record", "body"} & set(message)
        body = message[field]
    return encode_message(kind, message.get("id", 0), body, flags)


def message_of(payload: bytes) -> dict[str, Any]:
    kind, flags, call_id = decode_header(payload)
    body = decode_body(payload)
    message: dict[str, Any] = {"kind": Kind(kind).name, "id": call_id}
    if kind in (Kind.CALL, Kind.OPEN):
        message.update(zip(("method", "args", "kwargs", "credit"), body, strict=False))
        message["wants_progress"] = bool(flags & FLAG_WANTS_PROGRESS)
    elif body is not NO_BODY:
        message.update(value=body, items=body, error=body, record=body, body=body)
    return message


def contains(actual: Any, expected: Any) -> bool:
    if isinstance(expected, dict) and isinstance(actual, dict):
        return all(k in actual and contains(actual[k], v) for k, v in expected.items())
    return bool(actual == expected)


class OtherEnd:
    """The end that the test plays."""

    def __init__(self, transport: MemoryTransport) -> None:
        self.transport = transport
        self._decoder = FrameDecoder()
        self._messages: list[dict[str, Any]] = []

    def look(self) -> None:
        while self.transport.readable_bytes:
            for payload in self._decoder.feed(self.transport.read()):
                message = message_of(bytes(payload))
                if message["kind"] != "LOG":
                    self._messages.append(message)

    def next(self) -> dict[str, Any]:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not self._messages:
            assert time.monotonic() < deadline, "no message came"
            self.look()
            time.sleep(0.0005)  # the bounded wait's pace; nothing depends on it
        return self._messages.pop(0)

    def step(self, action: str, what: Any) -> None:
        if action == "send":
            self.transport.write(frame_of(what))
        elif action == "send_payload":
            self.transport.write(encode_frame(bytes_of(what)))
        elif action == "send_bytes":
            self.transport.write(bytes_of(what))
        elif action == "lose":
            self.transport.close_output()
        elif action == "expect":
            message = self.next()
            assert contains(message, what), (message, what)
        elif action == "expect_items":
            items: list[Any] = []
            while len(items) < len(what["items"]):
                message = self.next()
                assert (message["kind"], message["id"]) == ("ITEMS", what["id"]), message
                items += message["items"]
            assert items == what["items"]
        elif action == "quiet":
            self.look()
            assert self._messages == []
        else:
            raise AssertionError(f"unknown step {action}")


def the_module() -> Module:
    app = Module()

    @app.method
    def echo(value: Any) -> Any:
        return value

    @app.method
    def boom() -> None:
        raise ValueError("boom")

    @app.method
    def fn() -> Any:
        return {"items": [0, 1, 2, {"fn": boom}]}

    @app.method
    def report(n: int) -> int:
        for number in range(1, n + 1):
            current_context().progress(number)
        return n

    @app.method
    def count(n: int) -> Any:
        yield from range(n)

    @app.method
    async def wait() -> None:
        await asyncio.Event().wait()

    @app.method
    async def collect(items: Any) -> list[Any]:
        return [item async for item in items]

    return app


class Callee:
    """The dispatcher on a thread: what the worker's main loop does, without descriptors."""

    def __init__(self, transport: MemoryTransport) -> None:
        self.closed: list[str | None] = []
        self._transport = transport
        self._loop = EventLoopThread()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        outbox = Outbox(self._transport.write)
        dispatcher = Dispatcher(
            the_module(),
            outbox,
            Interruptor(),
            self._loop,
            max_frame_bytes=MAX_FRAME_BYTES,
        )
        outbox.send(encode_message(Kind.HELLO, 0, hello_body(MAX_FRAME_BYTES)))
        decoder = FrameDecoder()
        try:
            while not dispatcher.finished:
                calls = dispatcher.calls
                has_news = self._transport.readable_bytes
                if (calls.open_streams or calls.draining) and not has_news:
                    dispatcher.advance()
                    outbox.flush()
                    if not self._transport.ended and not self._transport.readable_bytes:
                        time.sleep(0.0005)  # the pace of a poll; nothing depends on it
                        continue
                data = self._transport.read()
                if not data:
                    decoder.end()
                    dispatcher.abandon()
                    break
                for payload in decoder.feed(data):
                    dispatcher.receive(payload)
                outbox.flush()
            self.closed.append(None)
        except ClientFailedError:
            self.closed.append(None)
        except SynapseError as error:
            dispatcher.fail(error)
            self.closed.append(error.code)

    def end(self) -> None:
        self._thread.join(DEADLINE_SECONDS)
        self._loop.stop()


@names("callee")
def test_the_dispatcher_follows_the_transcript(steps: list[dict[str, Any]]) -> None:
    ours, theirs = memory_pair()
    callee = Callee(ours)
    other = OtherEnd(theirs)
    # Both ends greet without waiting: ours is looked at when the transcript expects it, or skipped.
    if {"expect": {"kind": "HELLO"}} not in steps:
        assert other.next()["kind"] == "HELLO"
    try:
        for step in steps:
            ((action, what),) = step.items()
            if action == "closed":
                callee.end()
                assert callee.closed == [what]
            else:
                other.step(action, what)
    finally:
        theirs.close()
        callee.end()


class Outcome:
    """What a call or stream of the caller under test has come to."""

    def __init__(self) -> None:
        self.seen: dict[str, Any] = {"items": [], "progress": []}
        self.settled = threading.Event()
        self.is_stream = False

    def on_result(self, value: Any) -> None:
        self.seen.update({"end": True} if self.is_stream else {"value": value})
        self.settled.set()

    def on_error(self, error: SynapseError) -> None:
        self.seen["error"] = error.code
        self.settled.set()

    def on_items(self, items: list[Any], payload_bytes: int) -> None:
        self.seen["items"] += items

    def on_progress(self, value: Any) -> None:
        self.seen["progress"].append(value)


class CallerUnderTest:
    def __init__(self, transport: MemoryTransport) -> None:
        self.closed: list[str | None] = []
        self.ended = threading.Event()
        self.outcomes: dict[int, Outcome] = {}
        self.greeted = threading.Event()
        self.connection = Connection(
            transport,
            MAX_FRAME_BYTES,
            on_hello=lambda hello: self.greeted.set(),
            on_log=lambda call_id, record: None,
            on_end=self._on_end,
        )

    def _on_end(self, failure: SynapseError | None) -> None:
        self.closed.append(None if failure is None else failure.code)
        self.connection.caller.lose(failure or SynapseError("WORKER_EXITED", "gone"))
        self.ended.set()

    def act(self, act: dict[str, Any]) -> None:
        caller, do = self.connection.caller, act["do"]
        assert self.greeted.wait(DEADLINE_SECONDS)
        if do == "call":
            outcome = Outcome()
            progress = act["wants_progress"]
            call_id = caller.call(
                act["method"], act["args"], act["kwargs"], outcome, progress=progress
            )
            self.outcomes[call_id] = outcome
        elif do == "open":
            outcome = Outcome()
            outcome.is_stream = True
            stream_id = caller.open(
                act["method"],
                act["args"],
                act["kwargs"],
                outcome,
                credit=act["credit"],
                progress=act["wants_progress"],
            )
            self.outcomes[stream_id] = outcome
        elif do == "grant":
            caller.add_credit(act["id"], act["items"])
        elif do == "cancel":
            caller.cancel(act["id"])
        elif do == "drain":
            self.connection.drain()
        else:
            raise AssertionError(f"unknown act {do}")

    def check_outcome(self, what: dict[str, Any]) -> None:
        outcome = self.outcomes[what["id"]]
        assert outcome.settled.wait(DEADLINE_SECONDS)
        for field, expected in what.items():
            if field == "id":
                continue
            if expected == "*":
                assert field in outcome.seen
            else:
                assert outcome.seen.get(field) == expected, outcome.seen


def is_accepted(first: dict[str, Any]) -> bool:
    body = first.get("send", {}).get("body", {})
    return bool(body.get("magic") == "synapse" and body.get("protocol") == 1)


@names("caller")
def test_the_client_follows_the_transcript(steps: list[dict[str, Any]]) -> None:
    ours, theirs = memory_pair()
    caller = CallerUnderTest(ours)
    other = OtherEnd(theirs)
    actions: dict[str, Callable[[Any], None]] = {
        "act": caller.act,
        "outcome": caller.check_outcome,
    }
    # The Python client greets once it has heard the worker: before that it might be a raw script.
    steps = [step for step in steps if step != {"expect": {"kind": "HELLO"}}]
    try:
        for index, step in enumerate(steps):
            ((action, what),) = step.items()
            if action == "closed":
                assert caller.ended.wait(DEADLINE_SECONDS)
                assert what == "*" or caller.closed == [what]
            elif action in actions:
                actions[action](what)
            else:
                other.step(action, what)
            if index == 0 and is_accepted(step):
                assert other.next()["kind"] == "HELLO"
    finally:
        theirs.close()
        caller.connection.join(DEADLINE_SECONDS)
