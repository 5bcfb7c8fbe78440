"""A dispatcher in memory: messages go in, answers come out, nothing is spawned."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any

from synapse_worker.peer.hello import hello_body
from synapse_worker.peer.outbox import Outbox
from synapse_worker.protocol.frames import FrameDecoder
from synapse_worker.protocol.messages import (
    NO_BODY,
    Kind,
    decode_body,
    decode_header,
    encode_message,
)
from synapse_worker.worker.dispatcher import Dispatcher
from synapse_worker.worker.event_loop import EventLoopThread
from synapse_worker.worker.interruption import Interruptor

if TYPE_CHECKING:
    from synapse_worker.worker.call_ledger import CallLedger
    from synapse_worker.worker.module import Module
    from synapse_worker.worker.plans import Plans

DEADLINE_SECONDS = 10.0
MAX_FRAME_BYTES = 2**24


class Answer:
    """One message of the worker's."""

    def __init__(self, payload: bytes) -> None:
        kind, self.flags, self.id = decode_header(payload)
        self.kind = Kind(kind)
        self.body = decode_body(payload)

    def __repr__(self) -> str:
        return f"{self.kind.name}({self.id}, {self.body!r})"


class Dispatched:
    """One connection to `module`, greeted already."""

    def __init__(
        self, module: Module, ledger: CallLedger | None = None, plans: Plans | None = None
    ) -> None:
        self.answers: list[Answer] = []
        self.loop = EventLoopThread()
        self._changed = threading.Condition()
        self._decoder = FrameDecoder()
        self.interruptor = Interruptor()
        self.outbox = Outbox(self._take)
        self.dispatcher = Dispatcher(
            module,
            self.outbox,
            self.interruptor,
            self.loop,
            max_frame_bytes=MAX_FRAME_BYTES,
            ledger=ledger,
            plans=plans,
        )
        self.send(Kind.HELLO, 0, hello_body(MAX_FRAME_BYTES))

    def send(self, kind: Kind, call_id: int, body: Any = NO_BODY, flags: int = 0) -> None:
        frame = encode_message(kind, call_id, body, flags)
        self.dispatcher.serve(deque(FrameDecoder().feed(frame)))
        self.outbox.flush()

    def turn(self) -> None:
        """Give every open synchronous stream one turn."""
        self.dispatcher.advance()
        self.outbox.flush()

    def of(self, call_id: int) -> list[Answer]:
        with self._changed:
            return [answer for answer in self.answers if answer.id == call_id]

    def last_of(self, call_id: int) -> Answer:
        """Wait for what settles a call or stream."""

        def last() -> list[Answer]:
            settling = (Kind.RESULT, Kind.ERROR, Kind.END)
            return [a for a in self.answers if a.id == call_id and a.kind in settling]

        with self._changed:
            assert self._changed.wait_for(last, DEADLINE_SECONDS), f"{call_id}: {self.answers}"
            (answer,) = last()
            return answer

    def close(self) -> None:
        self.dispatcher.abandon()
        self.loop.stop()

    def _take(self, data: bytes) -> None:
        with self._changed:
            self.answers += [Answer(bytes(payload)) for payload in self._decoder.feed(data)]
            self._changed.notify_all()
