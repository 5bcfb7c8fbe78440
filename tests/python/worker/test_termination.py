"""SIGTERM drains a worker, and loses nothing of what it had been sent, wherever it lands."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker.peer.hello import hello_body
from synapse_worker.peer.outbox import Outbox
from synapse_worker.protocol.errors import SynapseError
from synapse_worker.protocol.frames import FrameDecoder
from synapse_worker.protocol.messages import Kind, decode_body, decode_header, encode_message
from synapse_worker.worker.dispatcher import Dispatcher
from synapse_worker.worker.event_loop import EventLoopThread
from synapse_worker.worker.interruption import Interruptor
from synapse_worker.worker.late_flush import LateFlush
from synapse_worker.worker.log_forwarding import LogForwarding
from synapse_worker.worker.module import Module
from synapse_worker.worker.serve_loop import ServeLoop
from synapse_worker.worker.wake_up import WakeUp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .conftest import Started


@pytest.fixture
def restored_signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM,)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class InterruptedReader:
    """Delivers one message a read; the signal lands when the second has been read and not yet returned."""

    def __init__(self, messages: list[bytes]) -> None:
        self._messages = messages
        self._reads = 0

    def read(self) -> list[bytes] | None:
        if not self._messages:
            return None
        payloads: list[Any] = FrameDecoder().feed(self._messages.pop(0))
        self._reads += 1
        if self._reads == 2:
            os.kill(os.getpid(), signal.SIGTERM)
        return [bytes(payload) for payload in payloads]


def test_a_call_that_was_read_when_the_signal_landed_is_answered(restored_signals: None) -> None:
    app = Module()
    app.method(name="inc")(lambda a: a + 1)
    written: list[bytes] = []
    outbox = Outbox(written.append)
    interruptor = Interruptor()
    wake_up = WakeUp()
    dispatcher = Dispatcher(app, outbox, interruptor, EventLoopThread(), max_frame_bytes=2**20)
    there, here = os.pipe()
    channel: Any = SimpleNamespace(input_fd=there, cancel_fd=there)
    reader: Any = InterruptedReader(
        [
            encode_message(Kind.HELLO, 0, hello_body(2**20)),
            encode_message(Kind.CALL, 1, ["inc", [1], {}]),
        ]
    )
    stopped: list[str] = []
    loop = ServeLoop(
        channel,
        reader,
        dispatcher,
        outbox,
        interruptor,
        wake_up,
        LateFlush(outbox),
        lambda: stopped.append("reading"),
        lambda: stopped.append("taking calls"),
        LogForwarding(lambda call_id, record: None),
    )
    loop.run()
    for fd in (there, here):
        os.close(fd)
    answers = [bytes(p) for data in written for p in FrameDecoder().feed(data)]
    (answer,) = answers
    assert (decode_header(answer)[0], decode_header(answer)[2]) == (Kind.RESULT, 1)
    assert decode_body(answer) == 2
    assert stopped == ["reading", "taking calls"]


@pytest.mark.parametrize("channel", ["auto", "socket"])
def test_calls_that_race_with_the_signal_are_all_answered(
    start: Callable[..., Started], channel: str
) -> None:
    worker = start(
        "from synapse_worker import Module\napp = Module()\n@app.method\ndef inc(a): return a + 1\n",
        channel=channel,
    ).worker
    go = threading.Barrier(2)

    def terminate() -> None:
        go.wait(10)
        os.kill(worker.pid, signal.SIGTERM)

    thread = threading.Thread(target=terminate)
    thread.start()
    pending = []
    assert worker.call("inc", [0]) == 1
    go.wait(10)
    with suppress(SynapseError):  # it has gone already
        for number in range(200):
            pending.append(worker.start_call("inc", [number])[1])
    thread.join(10)
    codes = set()
    for call in pending:
        assert call.settled.wait(10)
        try:
            call.value()
        except SynapseError as error:
            codes.add(error.code)
    # What was sent after the worker had gone cannot have been answered; the rest was, one way or the other.
    assert codes <= {"CLOSED", "WORKER_EXITED"}
    assert worker._process.wait(10)
    assert worker.exit_status == 0


def test_an_idle_worker_ends(start: Callable[..., Started]) -> None:
    worker = start("from synapse_worker import Module\napp = Module()\n").worker
    os.kill(worker.pid, signal.SIGTERM)
    assert worker._process.wait(10)
    assert worker.exit_status == 0


@pytest.mark.parametrize("channel", ["auto", "socket"])
def test_a_large_result_leaves_whole_after_the_signal(
    start: Callable[..., Started], channel: str
) -> None:
    worker = start(
        """
        import os, signal
        from synapse_worker import Module
        app = Module()
        @app.method
        def much():
            os.kill(os.getpid(), signal.SIGTERM)
            return b"x" * 8_000_000
        """,
        channel=channel,
    ).worker
    assert len(worker.call("much", timeout_ms=10_000)) == 8_000_000
    assert worker._process.wait(10)
    assert worker.exit_status == 0


@pytest.mark.parametrize("channel", ["auto", "socket"])
def test_a_terminated_worker_says_that_it_drains_and_which_calls_it_has_seen(
    start: Callable[..., Started], channel: str
) -> None:
    run = start(
        """
        import asyncio
        from synapse_worker import Module
        app = Module()
        started = None
        @app.method
        async def wait():
            global started
            started = asyncio.Event()
            await started.wait()
        @app.method
        def is_waiting(): return started is not None
        @app.method
        async def release(): started.set()
        """,
        channel=channel,
    )
    worker = run.worker
    _, waiting = worker.start_call("wait")
    while not worker.call("is_waiting"):
        assert not waiting.settled.is_set()
    os.kill(worker.pid, signal.SIGTERM)

    def call_until_refused() -> None:
        while True:
            worker.call("is_waiting", timeout_ms=10_000)

    with pytest.raises(SynapseError) as refused:
        call_until_refused()
    assert refused.value.code == "CLOSED"
    assert refused.value.details == {"begun": False}
    assert run.next_event("draining") == {"event": "draining"}
    worker.cancel(1)
    last_id, refused_too = worker.start_call("is_waiting")
    assert refused_too.settled.wait(10)
    assert worker._process.wait(10)
    end = run.next_event("exit")
    assert len(run.events("draining")) == len(run.events("exit")) == 1
    assert end["last_id"] in (last_id, last_id - 1)  # the cancel may have been the quicker


def test_a_drained_worker_says_which_calls_it_has_seen(start: Callable[..., Started]) -> None:
    run = start(
        "from synapse_worker import Module\napp = Module()\n@app.method\ndef nothing(): pass\n"
    )
    for _ in range(3):
        run.worker.call("nothing")
    run.worker.close()
    assert run.next_event("exit") == {"event": "exit", "last_id": 3}
    assert run.events("draining") == []
