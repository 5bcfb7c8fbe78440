"""Synchronous generators as streams: advanced in turns on the main thread, under credit."""

from __future__ import annotations

from contextvars import copy_context
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from synapse_worker.protocol.limits import MAX_ITEMS_PER_MESSAGE
from synapse_worker.worker.context import enter
from synapse_worker.worker.failures import argument_mismatch, cancelled
from synapse_worker.worker.forked import end_in_child
from synapse_worker.worker.interruption import Cancelled, Interruptor
from synapse_worker.worker.item_batch import ItemBatch
from synapse_worker.worker.sync_calls import cancellation

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextvars import Context as Variables

    from synapse_worker.peer.outbox import Outbox
    from synapse_worker.worker.context import Context
    from synapse_worker.worker.late_flush import LateFlush
    from synapse_worker.worker.replies import Replies
    from synapse_worker.worker.served_method import ServedMethod


class SyncStream:
    """One open stream over a generator."""

    __slots__ = (
        "batch",
        "cancel_requested",
        "context",
        "convert_item",
        "credit",
        "generator",
        "is_running",
        "stream_id",
        "variables",
    )

    def __init__(
        self,
        context: Context,
        generator: Generator[Any, Any, Any],
        credit: int,
        variables: Variables,
        batch: ItemBatch,
        convert_item: Callable[[Any], Any] | None,
    ) -> None:
        self.stream_id = context.call_id
        self.context = context
        self.generator = generator
        self.credit = credit
        self.variables = variables
        self.batch = batch
        self.cancel_requested = False
        self.is_running = False
        self.convert_item = convert_item

    def add_credit(self, items: int) -> None:
        """Let `items` more items be sent."""
        self.credit += items

    def cancel(self) -> None:
        """Have the generator closed at its next turn; safe in a signal handler."""
        self.context.cancelled = True
        self.cancel_requested = True


class SyncStreams:
    """All open streams of the main thread. `advance` gives each one turn."""

    def __init__(
        self,
        interruptor: Interruptor,
        outbox: Outbox,
        replies: Replies,
        active: dict[int, Any],
        settle: Callable[[int], None],
        late_flush: LateFlush | None,
    ) -> None:
        self._interruptor = interruptor
        self._outbox = outbox
        self._replies = replies
        # All that runs on this connection, until `settle` takes it out.
        self._active = active
        self._settle = settle
        # Always this one dict: the main loop looks at it before it waits.
        self.open: dict[int, SyncStream] = {}
        self._late_flush = late_flush

    def __bool__(self) -> bool:
        return bool(self.open)

    def start(
        self,
        method: ServedMethod,
        context: Context,
        args: list[Any],
        kwargs: dict[str, Any],
        credit: int,
    ) -> None:
        """Make the generator of a stream and begin to serve it, or answer why it cannot be made."""
        stream_id = context.call_id
        variables = copy_context()
        variables.run(enter, context)
        generator, failure = self._interruptor.run(
            stream_id, variables.run, (method.target, *args), kwargs, context
        )
        end_in_child(failure)
        if self._interruptor.was_interrupted:
            context.settle()
            self._outbox.post(self._replies.error(stream_id, cancellation(failure)))
        elif failure is not None:
            context.settle()
            mismatch = argument_mismatch(method, failure, args, kwargs)
            self._outbox.post(self._replies.error(stream_id, mismatch or failure))
        else:
            batch = self._new_batch(stream_id)
            stream = SyncStream(context, generator, credit, variables, batch, method.convert_item)
            self._active[stream_id] = self.open[stream_id] = stream

    def _new_batch(self, stream_id: int) -> ItemBatch:
        watch = None if self._late_flush is None else self._late_flush.watch
        return ItemBatch(
            stream_id,
            self._replies,
            self._outbox.post,
            watch and partial(self._interruptor.shielded, watch),
        )

    @property
    def runnable(self) -> bool:
        """Whether any stream has something to do without news from the caller."""
        return any(
            (s.credit > 0 or s.cancel_requested) and not s.is_running for s in self.open.values()
        )

    def advance(self) -> None:
        """Give every stream that may go on one turn of at most a batch."""
        for stream in list(self.open.values()):
            if stream.is_running:
                continue  # it waits for the caller, and this is a turn inside that wait
            if stream.stream_id not in self.open:
                continue  # it ended in a turn inside the wait of one before it
            if stream.cancel_requested:
                self._close(stream, None)
            elif stream.credit > 0:
                self._take_turn(stream)

    def _take_turn(self, stream: SyncStream) -> None:
        self._outbox.flush()  # what others wait for must not wait for this generator
        stream.is_running = True
        ended, failure = self._interruptor.run(
            stream.stream_id, stream.variables.run, (self._collect, stream), {}, stream.context
        )
        stream.is_running = False
        end_in_child(failure)
        if self._interruptor.was_interrupted or stream.cancel_requested:
            self._close(stream, failure)
            return
        stream.batch.send()
        if failure is not None:
            self._run_close(stream)  # it is an item that failed, or the generator has ended
            self._finish(stream, self._replies.error(stream.stream_id, failure))
        elif ended:
            self._finish(stream, self._replies.end(stream.stream_id))

    def _close(self, stream: SyncStream, failure: BaseException | None) -> None:
        """End a cancelled stream: its `finally` blocks run before the caller is answered."""
        raised = self._run_close(stream) or failure
        cause = None if isinstance(raised, Cancelled | GeneratorExit) else raised
        self._finish(stream, self._replies.error(stream.stream_id, cancelled(cause)))

    def _run_close(self, stream: SyncStream) -> BaseException | None:
        # Without an id nothing can interrupt the clean-up.
        stream.is_running = True
        _, raised = self._interruptor.run(0, stream.variables.run, (stream.generator.close,), {})
        end_in_child(raised)
        return raised

    def _finish(self, stream: SyncStream, last: bytes) -> None:
        stream.batch.drop()
        del self.open[stream.stream_id]
        stream.context.settle()
        self._outbox.post(last)
        self._settle(stream.stream_id)

    def send_items_of_waiting(self) -> None:
        """Send what generators have yielded that now wait for a callback."""
        for stream in self.open.values():
            if stream.is_running:
                stream.batch.send()

    def close_all(self) -> None:
        """Close every generator without an answer: the caller is gone."""
        for stream in list(self.open.values()):
            stream.context.cancelled = True
            self._run_close(stream)
            del self.open[stream.stream_id]

    def _collect(self, stream: SyncStream) -> bool:
        """Move one batch of items out of the generator; return whether it has ended.

        A cancel may land anywhere in here, so nothing is written: that is done when the turn is
        over, or by the guard if the generator takes long over an item.
        """
        add = stream.batch.add
        convert = stream.convert_item
        interruptor = self._interruptor
        # As many before and after each item: whatever waited in the generator has gone on by then.
        inside_a_wait = interruptor.suspended_runs > 0
        allowed = min(stream.credit, MAX_ITEMS_PER_MESSAGE)
        taken = 0
        try:
            for item in islice(stream.generator, allowed):
                taken += 1
                if add(item if convert is None else convert(item)):
                    return False
                # A method that waits further out must not wait for this one's turn once it can go on.
                if inside_a_wait and interruptor.suspended_run_can_go_on:
                    return False
        finally:
            stream.credit -= taken  # some may have come meanwhile: the generator waited inside
        return taken < allowed
