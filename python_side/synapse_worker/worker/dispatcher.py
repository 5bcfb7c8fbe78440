"""The native dispatcher: frames in, user code run, frames out.

It knows the protocol's rules for a callee (docs/protocol.md, "Calls", "Streams", "Cancel") and
nothing of descriptors, processes or threads: payloads are handed to `receive`, answers leave
through an outbox, and async methods run wherever the given event loop lives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from synapse_worker.peer.hello import SEGMENTS, SHARED, check_hello, has_capability
from synapse_worker.protocol.codec import large_value_encoder
from synapse_worker.protocol.errors import (
    DecodeError,
    ProtocolError,
    SynapseError,
    error_to_wire,
)
from synapse_worker.protocol.messages import (
    FIRST_IGNORED_KIND,
    TRIM,
    Kind,
    decode_body,
    decode_header,
    encode_message,
)
from synapse_worker.worker import failures
from synapse_worker.worker.burst import Burst
from synapse_worker.worker.callback_calls import CallbackCalls
from synapse_worker.worker.callbacks import Callbacks
from synapse_worker.worker.calls import Calls
from synapse_worker.worker.client_requests import ClientRequests
from synapse_worker.worker.declared_errors import DeclaredErrors
from synapse_worker.worker.late_flush import LateFlush
from synapse_worker.worker.replies import Replies
from synapse_worker.worker.reports import Reports
from synapse_worker.worker.roster import Roster

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.peer.outbox import Outbox
    from synapse_worker.protocol.frames import Payload
    from synapse_worker.worker.call_ledger import CallLedger
    from synapse_worker.worker.event_loop import EventLoopThread
    from synapse_worker.worker.interruption import Interruptor
    from synapse_worker.worker.module import Module
    from synapse_worker.worker.plans import Plans

    Handler = Callable[[Payload, int, int], None]

# Plain ints compare twice as fast as enum members looked up on their class.
HELLO, CALL, OPEN, CREDIT, CANCEL = (
    int(kind) for kind in (Kind.HELLO, Kind.CALL, Kind.OPEN, Kind.CREDIT, Kind.CANCEL)
)
PING, PONG, DRAIN, FAIL = (int(kind) for kind in (Kind.PING, Kind.PONG, Kind.DRAIN, Kind.FAIL))
RESULT, ERROR, PROGRESS = (int(kind) for kind in (Kind.RESULT, Kind.ERROR, Kind.PROGRESS))
ITEMS, END = int(Kind.ITEMS), int(Kind.END)


class ClientFailedError(Exception):
    """The client sent FAIL: it has closed, or is about to."""


class Dispatcher:
    """Serves one connection's calls from one module's methods."""

    def __init__(
        self,
        module: Module,
        outbox: Outbox,
        interruptor: Interruptor,
        loop: EventLoopThread,
        *,
        max_frame_bytes: int,
        name: str = "module",
        late_flush: LateFlush | None = None,
        on_idle: Callable[[], None] = lambda: None,
        ledger: CallLedger | None = None,
        shared_fd: int | None = None,
        plans: Plans | None = None,
    ) -> None:
        """`shared_fd` is the memory that large results may go through, where the client has opened it.

        `plans` are those of the module's methods, where they were made ahead.
        """
        self._outbox = outbox
        self._shared_fd = shared_fd
        self._replies = Replies(max_frame_bytes, DeclaredErrors(module).data)
        self.reports = Reports(outbox, interruptor, max_frame_bytes)
        self.requests = ClientRequests(outbox, interruptor, max_frame_bytes)
        callbacks = Callbacks(CallbackCalls(self.requests), self.requests)
        self.roster = Roster(module, module.name or name, callbacks, plans)
        self.calls = Calls(
            outbox,
            interruptor,
            loop,
            roster=self.roster,
            replies=self._replies,
            reports=self.reports,
            callbacks=callbacks,
            late_flush=late_flush,
            on_idle=on_idle,
            ledger=ledger,
        )
        # Acts on all messages that have arrived, in order, and raises as `receive` does.
        self.serve = Burst(
            self.calls,
            self.receive,
            interruptor,
            outbox,
            self._replies,
            late_flush or LateFlush(outbox),
        ).serve
        # None before the greeting: what comes first is for `_on_other`.
        self._handlers: dict[int, Handler] = {}
        self._handlers_of_greeted: dict[int, Handler] = {
            RESULT: self._on_answer,
            ERROR: self._on_answer,
            PROGRESS: self._on_answer,
            ITEMS: self._on_answer,
            END: self._on_answer,
            CALL: self.calls.on_call,
            OPEN: self.calls.on_open,
            CREDIT: self._on_credit,
            CANCEL: self._on_cancel,
            PING: self._on_ping,
            PONG: self._on_pong,
            DRAIN: self._on_drain,
            TRIM: self._on_trim,
            FAIL: self._on_fail,
        }

    @property
    def finished(self) -> bool:
        """Whether the connection drains and nothing runs any more."""
        return self.calls.finished

    @property
    def last_id(self) -> int:
        """The id of the latest CALL or OPEN that has come, 0 before the first: later ones never began."""
        return self.calls.last_id

    @property
    def runnable(self) -> bool:
        """Whether `advance` has something to do right now."""
        return self.calls.runnable

    def advance(self) -> None:
        """Give every open synchronous stream one turn."""
        self.calls.advance()

    def prepare_to_wait(self) -> None:
        """Let go of what was held back: the method that runs is about to wait for a callback."""
        self.calls.prepare_to_wait()

    def drain(self) -> None:
        """Take no new calls; `finished` turns true when those that run have ended."""
        self.calls.draining = True

    def cancel(self, call_id: int) -> None:
        """Cancel a call; on the main thread, also in its signal handler."""
        self.calls.cancel(call_id)

    def receive(self, payload: Payload) -> None:
        """Act on one message.

        Raises:
            ProtocolError: the client broke the protocol; the connection cannot go on.
            ClientFailedError: the client says that it cannot go on.
        """
        kind, flags, call_id = decode_header(payload)
        handler = self._handlers.get(kind)
        if handler is not None:
            handler(payload, flags, call_id)
        elif kind < FIRST_IGNORED_KIND:
            self._on_other(kind, payload)

    def fail(self, error: SynapseError) -> None:
        """Say why the connection cannot go on, and stop everything that runs."""
        if error.code != "FRAME_TRUNCATED":  # then nobody is left to tell
            frame = encode_message(FAIL, 0, error_to_wire(error))
            self._outbox.send(frame)
        self.abandon()

    def abandon(self) -> None:
        """Stop everything that runs, without answers: the client is gone."""
        self.requests.lose(failures.client_gone())
        self.calls.abandon()

    def _on_other(self, kind: int, payload: Payload) -> None:
        """Take the first message, which greets; refuse what no client sends after it."""
        if self._handlers:
            raise ProtocolError(
                f"A client does not send {Kind(kind).name} to a worker, or not now."
            )
        if kind == FAIL:
            self._on_fail(payload, 0, 0)
        if kind != HELLO:
            raise ProtocolError(f"The first message must be HELLO, not {Kind(kind).name}.")
        hello = _body_or_break(payload)
        accepted = check_hello(hello)
        self._handlers = self._handlers_of_greeted
        if has_capability(hello, SEGMENTS):
            self._replies.encode = self.requests.caller.encode = large_value_encoder().encode
        if self._shared_fd is not None and has_capability(hello, SHARED):
            self._outbox.share(self._shared_fd)
        if accepted is not None and accepted < self._replies.max_frame_bytes:
            self._replies.max_frame_bytes = self.reports.max_frame_bytes = accepted
            self.requests.caller.max_frame_bytes = accepted

    def _on_answer(self, payload: Payload, flags: int, call_id: int) -> None:
        self.requests.caller.receive(payload)

    def _on_credit(self, payload: Payload, flags: int, stream_id: int) -> None:
        self.calls.add_credit(stream_id, _body_or_break(payload))

    def _on_cancel(self, payload: Payload, flags: int, call_id: int) -> None:
        _body_or_break(payload)
        self.cancel(call_id)

    def _on_ping(self, payload: Payload, flags: int, call_id: int) -> None:
        value = _body_or_break(payload)
        self._outbox.send(encode_message(PONG, 0, value, 0, self._replies.max_frame_bytes))

    def _on_pong(self, payload: Payload, flags: int, call_id: int) -> None:
        _body_or_break(payload)  # nobody asked for it

    def _on_drain(self, payload: Payload, flags: int, call_id: int) -> None:
        _body_or_break(payload)
        self.drain()

    def _on_trim(self, payload: Payload, flags: int, call_id: int) -> None:
        self._outbox.trim()

    def _on_fail(self, payload: Payload, flags: int, call_id: int) -> None:
        error = _body_or_break(payload)
        raise ClientFailedError(error.get("message") or "it gave no reason")


def _body_or_break(payload: Payload) -> Any:
    """Return the body of a message that is not for one call: unreadable, it breaks the protocol."""
    try:
        return decode_body(payload)
    except DecodeError as error:
        name = Kind(payload[0]).name
        raise ProtocolError(f"The body of this {name} cannot be read: {error}") from error
