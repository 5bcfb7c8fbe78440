"""The native dispatcher: frames in, user code run, frames out.

It knows the protocol's rules for a callee (docs/protocol.md, "Calls", "Streams", "Cancel") and
nothing of descriptors, processes or threads: payloads are handed to `receive`, answers leave
through an outbox, and async methods run wherever the given event loop lives.
"""

from __future__ import annotations

import contextvars
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

from synapse_worker.peer.hello import check_hello
from synapse_worker.protocol.errors import (
    DecodeError,
    ProtocolError,
    SynapseError,
    error_to_wire,
)
from synapse_worker.protocol.messages import (
    FIRST_IGNORED_KIND,
    FLAG_WANTS_PROGRESS,
    Kind,
    decode_body,
    decode_header,
    encode_message,
)
from synapse_worker.worker import failures
from synapse_worker.worker.async_serving import AsyncCall, AsyncServing
from synapse_worker.worker.callback_calls import CallbackCalls
from synapse_worker.worker.callbacks import Callbacks, may_hold_references
from synapse_worker.worker.context import Context, enter
from synapse_worker.worker.declared_errors import DeclaredErrors
from synapse_worker.worker.forked import end_in_child
from synapse_worker.worker.replies import Replies
from synapse_worker.worker.reports import Reports
from synapse_worker.worker.roster import Roster
from synapse_worker.worker.sync_streams import SyncStream, SyncStreams

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.peer.outbox import Outbox
    from synapse_worker.protocol.frames import Payload
    from synapse_worker.worker.event_loop import EventLoopThread
    from synapse_worker.worker.interruption import Interruptor
    from synapse_worker.worker.late_flush import LateFlush
    from synapse_worker.worker.module import Module
    from synapse_worker.worker.served_method import ServedMethod

# Plain ints compare twice as fast as enum members looked up on their class.
HELLO, CALL, OPEN, CREDIT, CANCEL = (
    int(kind) for kind in (Kind.HELLO, Kind.CALL, Kind.OPEN, Kind.CREDIT, Kind.CANCEL)
)
PING, PONG, DRAIN, FAIL = (int(kind) for kind in (Kind.PING, Kind.PONG, Kind.DRAIN, Kind.FAIL))
RESULT, ERROR, PROGRESS = (int(kind) for kind in (Kind.RESULT, Kind.ERROR, Kind.PROGRESS))

# A method whose last run took longer does not hold back replies that wait to be sent.
SLOW_RUN_NS = 100_000


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
    ) -> None:
        self._outbox = outbox
        self._interruptor = interruptor
        self._replies = Replies(max_frame_bytes, DeclaredErrors(module).data)
        self.reports = Reports(outbox, interruptor, max_frame_bytes)
        self._sync_streams = SyncStreams(
            interruptor, outbox, self._replies, self._settle, late_flush
        )
        self._async = AsyncServing(loop, outbox, self._replies, self._settle)
        self.callbacks = CallbackCalls(outbox, interruptor, max_frame_bytes)
        self._bound = Callbacks(self.callbacks)
        self.roster = Roster(module, module.name or name, self._bound)
        self._ready = self.roster.ready
        self._active: dict[int, SyncStream | AsyncCall] = {}
        # Ids come in order, but one whose method waits for a callback may settle after later ones.
        self._last_id = self._highest_id = 0
        self._greeted = False
        self._draining = False
        self._on_idle = on_idle
        self._handlers: dict[int, Callable[[Payload, int, int], None]] = {
            RESULT: self._on_answer,
            ERROR: self._on_answer,
            PROGRESS: self._on_answer,
            CALL: self._on_call,
            OPEN: self._on_open,
            CREDIT: self._on_credit,
            CANCEL: self._on_cancel,
            PING: self._on_ping,
            PONG: self._on_pong,
            DRAIN: self._on_drain,
            FAIL: self._on_fail,
        }

    @property
    def finished(self) -> bool:
        """Whether the connection drains and nothing runs any more."""
        return self._draining and not self._active and not self._interruptor.suspended_runs

    @property
    def needs_turns(self) -> bool:
        """Whether something may happen here without news from the client."""
        return self._draining or bool(self._sync_streams)

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

    def drain(self) -> None:
        """Take no new calls; `finished` turns true when those that run have ended."""
        self._draining = True

    def receive(self, payload: Payload) -> None:
        """Act on one message.

        Raises:
            ProtocolError: the client broke the protocol; the connection cannot go on.
            ClientFailedError: the client says that it cannot go on.
        """
        kind, flags, call_id = decode_header(payload)
        if kind >= FIRST_IGNORED_KIND:
            return
        if not self._greeted:
            self._on_first(kind, payload)
            return
        handler = self._handlers.get(kind)
        if handler is None:
            raise ProtocolError(
                f"A client does not send {Kind(kind).name} to a worker, or not now."
            )
        handler(payload, flags, call_id)

    def cancel(self, call_id: int) -> None:
        """Cancel a call; on the main thread, also in its signal handler."""
        active = self._active.get(call_id)
        if active is not None:
            active.cancel()
        elif call_id > self._highest_id:
            self._interruptor.remembered.add(call_id)
        if self._interruptor.suspended_runs:
            self._interruptor.cancel_suspended(call_id)

    def fail(self, error: SynapseError) -> None:
        """Say why the connection cannot go on, and stop everything that runs."""
        if error.code != "FRAME_TRUNCATED":  # then nobody is left to tell
            frame = encode_message(FAIL, 0, error_to_wire(error))
            self._outbox.send(frame)
        self.abandon()

    def abandon(self) -> None:
        """Stop everything that runs, without answers: the client is gone."""
        self._draining = True
        self.callbacks.lose(failures.client_gone())
        self._sync_streams.close_all()
        for call_id, call in list(self._active.items()):
            if isinstance(call, AsyncCall):
                call.cancel()
            else:
                self._active.pop(call_id, None)

    def _on_first(self, kind: int, payload: Payload) -> None:
        if kind == FAIL:
            self._on_fail(payload, 0, 0)
        if kind != HELLO:
            raise ProtocolError(f"The first message must be HELLO, not {Kind(kind).name}.")
        accepted = check_hello(_body_or_break(payload))
        self._greeted = True
        if accepted is not None and accepted < self._replies.max_frame_bytes:
            self._replies.max_frame_bytes = self.reports.max_frame_bytes = accepted
            self.callbacks.caller.max_frame_bytes = accepted

    def _on_call(self, payload: Payload, flags: int, call_id: int) -> None:
        method, body = self._begin(payload, call_id, of_stream=False)
        if method is not None:
            _, args, kwargs = body
            context = Context(call_id, self.reports, bool(flags & FLAG_WANTS_PROGRESS))
            if not method.is_typed and may_hold_references(payload):
                self._bind_callbacks(method, context, args, kwargs)
            if method.is_async:
                self._start_async(method, context, args, kwargs, None)
            else:
                self._run(method, context, args, kwargs)
        self._end_of_arrival(call_id)

    def _on_open(self, payload: Payload, flags: int, stream_id: int) -> None:
        method, body = self._begin(payload, stream_id, of_stream=True)
        if method is not None:
            _, args, kwargs, credit = body
            context = Context(stream_id, self.reports, bool(flags & FLAG_WANTS_PROGRESS))
            if not method.is_typed and may_hold_references(payload):
                self._bind_callbacks(method, context, args, kwargs)
            if method.is_async:
                self._start_async(method, context, args, kwargs, credit)
            else:
                self._start_sync_stream(method, context, args, kwargs, credit)
        self._end_of_arrival(stream_id)

    def _begin(
        self, payload: Payload, call_id: int, *, of_stream: bool
    ) -> tuple[ServedMethod | None, Any]:
        """Return the method that a CALL or OPEN asks for and its body; None if it was refused."""
        if call_id <= self._last_id:
            raise ProtocolError(
                f"The id {call_id} is not new: ids must grow, and {self._last_id} was used already."
            )
        self._last_id = call_id
        try:
            body = decode_body(payload, True)
            method = self._ready.get(body[0]) or self.roster.find(body[0])
        except SynapseError as error:
            self._refuse(call_id, error)
            return None, None
        if self._draining:
            self._refuse(call_id, failures.closing())
        elif method is None:
            self._refuse(call_id, failures.method_not_found(body[0], self.roster.names()))
        elif method.is_stream is not of_stream:
            self._refuse(call_id, failures.wrong_kind(method))
        else:
            return method, body
        return None, None

    def _bind_callbacks(
        self, method: ServedMethod, context: Context, args: list[Any], kwargs: dict[str, Any]
    ) -> None:
        for arguments in (args, kwargs):
            self._bound.bind_all(arguments, context, is_async=method.is_async)

    def _end_of_arrival(self, call_id: int) -> None:
        """Note that `call_id` has been seen.

        Only now, when it is settled or among the active: until then a cancel is remembered, so
        none that the signal handler takes meanwhile is lost.
        """
        if call_id > self._highest_id:
            self._highest_id = call_id
        if self._interruptor.remembered and self._interruptor.remembered.take(call_id):
            active = self._active.get(call_id)
            if active is not None:
                active.cancel()

    def _run(
        self, method: ServedMethod, context: Context, args: list[Any], kwargs: dict[str, Any]
    ) -> None:
        """Run a synchronous function here and now, and post its answer."""
        if method.last_run_ns > SLOW_RUN_NS:
            self._outbox.flush()
        call_id = context.call_id
        interruptor = self._interruptor
        variables = _variables_of(context)
        started_ns = perf_counter_ns()
        value, failure = interruptor.run(
            call_id, variables.run, (method.target, *args), kwargs, context
        )
        method.last_run_ns = perf_counter_ns() - started_ns
        context.settled = True
        end_in_child(failure)
        if interruptor.was_interrupted:
            frame = self._replies.error(call_id, _cancellation(failure))
        elif failure is not None:
            mismatch = failures.argument_mismatch(method, failure, args, kwargs)
            frame = self._replies.error(call_id, mismatch or failure)
        else:
            frame = self._replies.result(call_id, value)
        self._outbox.post(frame)

    def _start_sync_stream(
        self,
        method: ServedMethod,
        context: Context,
        args: list[Any],
        kwargs: dict[str, Any],
        credit: int,
    ) -> None:
        variables = _variables_of(context)
        generator, failure = self._interruptor.run(
            context.call_id, variables.run, (method.target, *args), kwargs, context
        )
        end_in_child(failure)
        if self._interruptor.was_interrupted:
            self._refuse(context.call_id, _cancellation(failure))
        elif failure is not None:
            mismatch = failures.argument_mismatch(method, failure, args, kwargs)
            self._refuse(context.call_id, mismatch or failure)
        else:
            batch = self._sync_streams.new_batch(context.call_id)
            stream = SyncStream(context, generator, credit, variables, batch, method.convert_item)
            self._active[context.call_id] = stream
            self._sync_streams.add(stream)

    def _start_async(
        self,
        method: ServedMethod,
        context: Context,
        args: list[Any],
        kwargs: dict[str, Any],
        credit: int | None,
    ) -> None:
        variables = _variables_of(context)
        # Before the signal handler can see the call: it must not be the one to start a thread.
        self._async.loop.ensure_started()
        call = AsyncCall(context, self._async.loop, credit or 0)
        self._active[context.call_id] = call
        start = self._async.start_call if credit is None else self._async.start_stream
        try:
            start(method, call, args, kwargs, variables)
        except SynapseError as error:  # there is no loop any more
            del self._active[context.call_id]
            self._refuse(context.call_id, error)

    def _refuse(self, call_id: int, error: BaseException) -> None:
        self._outbox.post(self._replies.error(call_id, error))

    def _settle(self, call_id: int) -> None:
        """Forget a call that was answered; from any thread."""
        self._active.pop(call_id, None)
        if self._draining and not self._active:
            self._on_idle()

    def _on_answer(self, payload: Payload, flags: int, call_id: int) -> None:
        self.callbacks.caller.receive(payload)

    def _on_credit(self, payload: Payload, flags: int, stream_id: int) -> None:
        items = _body_or_break(payload)
        if stream_id > self._last_id:
            raise ProtocolError(f"Credit for stream {stream_id}, which was never opened.")
        stream = self._active.get(stream_id)
        if stream is not None:
            stream.add_credit(items)

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
        self._draining = True

    def _on_fail(self, payload: Payload, flags: int, call_id: int) -> None:
        error = _body_or_break(payload)
        raise ClientFailedError(error.get("message") or "it gave no reason")


def _variables_of(context: Context) -> contextvars.Context:
    """Return context variables for one call: ours as they are, with `context` as the current call."""
    variables = contextvars.copy_context()
    variables.run(enter, context)
    return variables


def _body_or_break(payload: Payload) -> Any:
    """Return the body of a message that is not for one call: unreadable, it breaks the protocol."""
    try:
        return decode_body(payload)
    except DecodeError as error:
        name = Kind(payload[0]).name
        raise ProtocolError(f"The body of this {name} cannot be read: {error}") from error


def _cancellation(failure: BaseException | None) -> SynapseError:
    from synapse_worker.worker.interruption import Cancelled

    return failures.cancelled(None if isinstance(failure, Cancelled) else failure)
