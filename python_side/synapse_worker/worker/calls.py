"""The calls and streams of one connection: each begins, runs where its method belongs, and is answered.

Synchronous methods run here and now, on the thread that dispatches; generators in turns; async ones as
tasks. Implements a callee's side of "Calls", "Streams" and "Cancel" of `docs/protocol.md`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from synapse_worker.protocol.codec.binding import MANY_BYTES
from synapse_worker.protocol.codec.references import met_references
from synapse_worker.protocol.errors import ProtocolError, SynapseError
from synapse_worker.protocol.messages import FLAG_TIMING, FLAG_WANTS_PROGRESS, decode_body
from synapse_worker.worker import failures
from synapse_worker.worker.async_serving import AsyncCall, AsyncServing
from synapse_worker.worker.call_forms import CallForms
from synapse_worker.worker.call_ledger import CallLedger
from synapse_worker.worker.context import Context
from synapse_worker.worker.sync_calls import SyncCalls
from synapse_worker.worker.sync_streams import SyncStream, SyncStreams

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.peer.outbox import Outbox
    from synapse_worker.protocol.frames import Payload
    from synapse_worker.worker.callbacks import Callbacks
    from synapse_worker.worker.event_loop import EventLoopThread
    from synapse_worker.worker.interruption import Interruptor
    from synapse_worker.worker.late_flush import LateFlush
    from synapse_worker.worker.replies import Replies
    from synapse_worker.worker.reports import Reports
    from synapse_worker.worker.roster import Roster
    from synapse_worker.worker.served_method import ServedMethod

# What a request always has; words about it may follow.
CALL_PARTS: Final = 3
OPEN_PARTS: Final = 4


class Calls:
    """What a client has called and opened, from its arrival to its answer."""

    def __init__(
        self,
        outbox: Outbox,
        interruptor: Interruptor,
        loop: EventLoopThread,
        *,
        roster: Roster,
        replies: Replies,
        reports: Reports,
        callbacks: Callbacks,
        late_flush: LateFlush | None,
        on_idle: Callable[[], None],
        ledger: CallLedger | None,
    ) -> None:
        # Takes no new calls; `finished` turns true when those that run have ended.
        self.draining = False
        # The latest that came. Ids come in order, but one whose method waits for a callback may
        # settle after later ones, so the highest that was seen to its end is another.
        self.last_id = 0
        self.highest_id = 0
        self._outbox = outbox
        self._interruptor = interruptor
        self._roster = roster
        self._ready = roster.ready
        self.forms = CallForms()
        self._replies = replies
        self.reports = reports
        self._callbacks = callbacks
        self._active: dict[int, SyncStream | AsyncCall] = {}
        self.sync = SyncCalls(interruptor, outbox, replies)
        self._sync_streams = SyncStreams(
            interruptor, outbox, replies, self._active, self._settle, late_flush
        )
        # Those that may go on without news from the client.
        self.open_streams = self._sync_streams.open
        self._async = AsyncServing(
            loop, outbox, replies, interruptor.remembered, self._active, self._settle
        )
        self._on_idle = on_idle
        self.ledger = ledger or CallLedger()

    @property
    def finished(self) -> bool:
        """Whether the connection drains and nothing runs any more."""
        return self.draining and not self._active and not self._interruptor.suspended_runs

    @property
    def runnable(self) -> bool:
        """Whether `advance` has something to do right now."""
        return self._sync_streams.runnable

    def advance(self) -> None:
        """Give every open synchronous stream one turn."""
        self._sync_streams.advance()

    def prepare_to_wait(self) -> None:
        """Let go of what was held back: the method that runs is about to wait for a callback."""
        self._sync_streams.send_items_of_waiting()

    def abandon(self) -> None:
        """Stop everything that runs, without answers: the client is gone."""
        self.draining = True
        self._sync_streams.close_all()
        for call_id, call in list(self._active.items()):
            if isinstance(call, AsyncCall):
                call.cancel()
            else:
                self._active.pop(call_id, None)

    def add_credit(self, stream_id: int, items: int) -> None:
        """Let a stream send `items` more items; nothing happens for a settled one.

        Raises:
            ProtocolError: it was never opened.
        """
        if stream_id > self.last_id:
            raise ProtocolError(f"Credit for stream {stream_id}, which was never opened.")
        stream = self._active.get(stream_id)
        if stream is not None:
            stream.add_credit(items)

    def cancel(self, call_id: int) -> None:
        """Cancel a call; on the main thread, also in its signal handler."""
        active = self._active.get(call_id)
        if active is not None:
            active.cancel()
        elif call_id > self.highest_id:
            self._interruptor.remembered.add(call_id)
        if self._interruptor.suspended_runs:
            self._interruptor.cancel_suspended(call_id)

    def cancel_async(self, call_id: int) -> bool:
        """Cancel a call that is asynchronous, and return whether it is; from any thread."""
        active = self._active.get(call_id)
        if not isinstance(active, AsyncCall):
            return False
        active.cancel()
        return True

    def on_call(self, payload: Payload, flags: int, call_id: int) -> None:
        """Take a CALL."""
        if call_id <= self.last_id:
            raise _used_id(call_id, self.last_id)
        self.last_id = call_id
        decoded = None if self.draining else self.forms.decode(payload)
        if decoded is None:
            self._on_other_call(payload, flags, call_id)
        elif self._may_begin(call_id):
            form, args = decoded
            method = form.method
            context = Context(call_id, method.name, self.reports, flags & FLAG_WANTS_PROGRESS)
            if method.is_async:
                self._async.start(method, form.target, context, args, {}, None, flags & FLAG_TIMING)
            else:
                self.sync.run(method, form.target, context, args, {}, flags & FLAG_TIMING)
            self._answer_for_large(payload, args)
        self.end_of_arrival(call_id)

    def _on_other_call(self, payload: Payload, flags: int, call_id: int) -> None:
        """Take a CALL whose form is new, or none of those that are remembered."""
        method, body = self._begin(payload, call_id, of_stream=False)
        if method is None:
            return
        args, kwargs = body[1], body[2]
        meta = body[3] if len(body) > CALL_PARTS else None
        context = Context(call_id, method.name, self.reports, flags & FLAG_WANTS_PROGRESS, meta)
        if not kwargs:
            self.forms.learn(payload, method, len(args))
        if method.accepts_functions and met_references():
            self._bind_callbacks(method, context, args, kwargs)
        if method.is_async:
            timing = flags & FLAG_TIMING
            self._async.start(method, method.target, context, args, kwargs, None, timing)
        else:
            self.sync.run(method, method.target, context, args, kwargs, flags & FLAG_TIMING)
        self._answer_for_large(payload, (args, kwargs))

    def _answer_for_large(self, payload: Payload, held: object) -> None:
        """Send what answers a large call before what it `held` goes: that takes a while, and nobody is to wait for it."""
        if len(payload) >= MANY_BYTES:
            self._outbox.flush()

    def on_open(self, payload: Payload, flags: int, stream_id: int) -> None:
        """Take an OPEN."""
        if stream_id <= self.last_id:
            raise _used_id(stream_id, self.last_id)
        self.last_id = stream_id
        method, body = self._begin(payload, stream_id, of_stream=True)
        if method is not None:
            args, kwargs, credit = body[1], body[2], body[3]
            meta = body[4] if len(body) > OPEN_PARTS else None
            context = Context(stream_id, method.name, self.reports, flags, meta)
            if method.accepts_functions and met_references():
                self._bind_callbacks(method, context, args, kwargs)
            if method.is_async:
                self._async.start(method, method.target, context, args, kwargs, credit)
            else:
                self._sync_streams.start(method, context, args, kwargs, credit)
        self.end_of_arrival(stream_id)

    def _begin(
        self, payload: Payload, call_id: int, *, of_stream: bool
    ) -> tuple[ServedMethod | None, Any]:
        """Return the method that a CALL or OPEN asks for and its body; None if it was refused."""
        try:
            body = decode_body(payload, True)
            method = self._ready.get(body[0]) or self._roster.find(body[0])
        except SynapseError as error:
            self._refuse(call_id, error)
            return None, None
        if self.draining:
            self._outbox.post(self._replies.not_begun(call_id, failures.closing()))
        elif method is None:
            self._refuse(call_id, failures.method_not_found(body[0], self._roster.names()))
        elif method.is_stream is not of_stream:
            self._refuse(call_id, failures.wrong_kind(method))
        elif self._may_begin(call_id):
            return method, body
        return None, None

    def _may_begin(self, call_id: int) -> bool:
        """Write into the ledger that this call begins; refuse it, and return False, if it was taken back."""
        if not self.ledger.is_read:
            self._outbox.flush()
        # In this order: the client takes a call back, and then looks whether it was begun.
        words = self.ledger.words
        words[0] = call_id
        if call_id > words[1] or not self.ledger.is_recalled(call_id):
            return True
        self._outbox.post(self._replies.not_begun(call_id, failures.recalled()))
        return False

    def _bind_callbacks(
        self, method: ServedMethod, context: Context, args: list[Any], kwargs: dict[str, Any]
    ) -> None:
        for arguments in (args, kwargs):
            self._callbacks.bind_all(arguments, context, is_async=method.is_async)

    def end_of_arrival(self, call_id: int) -> None:
        """Note that `call_id` has been seen.

        Only now, when it is settled or among the active: until then a cancel is remembered, so
        none that the signal handler takes meanwhile is lost.
        """
        if call_id > self.highest_id:
            self.highest_id = call_id
        remembered = self._interruptor.remembered
        if remembered and remembered.take(call_id):
            active = self._active.get(call_id)
            if active is not None:
                active.cancel()

    def _refuse(self, call_id: int, error: BaseException) -> None:
        self._outbox.post(self._replies.error(call_id, error))

    def _settle(self, call_id: int) -> None:
        """Forget a call that was answered; from any thread."""
        self._active.pop(call_id, None)
        if self.draining and not self._active:
            self._on_idle()


def _used_id(call_id: int, last_id: int) -> ProtocolError:
    return ProtocolError(
        f"The id {call_id} is not new: ids must grow, and {last_id} was used already."
    )
