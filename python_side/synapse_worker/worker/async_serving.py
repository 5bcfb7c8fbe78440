"""Async functions and async generators: served as tasks on the event loop's thread."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from contextvars import copy_context
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

from synapse_worker.protocol.errors import SynapseError
from synapse_worker.worker import forked
from synapse_worker.worker.context import enter
from synapse_worker.worker.failures import argument_mismatch, cancelled
from synapse_worker.worker.item_batch import ItemBatch
from synapse_worker.worker.tracebacks import suspended_at

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Container, Coroutine, Sequence
    from contextvars import Context as Variables

    from synapse_worker.peer.outbox import Outbox
    from synapse_worker.worker.context import Context
    from synapse_worker.worker.event_loop import EventLoopThread
    from synapse_worker.worker.replies import Replies
    from synapse_worker.worker.served_method import ServedMethod


class AsyncCall:
    """A task, its context and its credit; cancelled and given credit from the main thread."""

    __slots__ = ("_credit_came", "_started", "context", "credit", "loop", "task", "wants_timing")

    def __init__(
        self, context: Context, loop: EventLoopThread, credit: int = 0, wants_timing: int = 0
    ) -> None:
        self.context = context
        self.loop = loop
        self.credit = credit
        self.wants_timing = wants_timing
        self.task: asyncio.Task[None] | None = None
        self._started = False
        self._credit_came: asyncio.Future[None] | None = None

    def cancel(self) -> None:
        """Cancel the task; from the main thread, also in its signal handler."""
        self.context.cancelled = True
        with suppress(SynapseError):  # user code closed the loop: nothing runs there any more
            self.loop.call(self._cancel_task)

    def add_credit(self, items: int) -> None:
        """Let `items` more items be sent."""
        with suppress(SynapseError):  # as above
            self.loop.call(self._add_credit, items)

    def begin(self) -> None:
        """Mark that the task runs; from here on a cancel lands inside its `try`.

        Raises:
            CancelledError: it was cancelled before it began.
        """
        self._started = True
        if self.context.cancelled:
            from asyncio import CancelledError

            raise CancelledError

    async def wait_for_credit(self) -> None:
        """Return once there is credit."""
        import asyncio

        while self.credit <= 0:
            self._credit_came = asyncio.get_running_loop().create_future()
            await self._credit_came

    def _cancel_task(self) -> None:
        # A task cancelled before its first step never enters its code, and nobody would answer.
        if self.task is not None and self._started:
            self.task.cancel()

    def _add_credit(self, items: int) -> None:
        self.credit += items
        if self._credit_came is not None and not self._credit_came.done():
            self._credit_came.set_result(None)


class AsyncServing:
    """Starts tasks for async methods and sends what they give."""

    def __init__(
        self,
        loop: EventLoopThread,
        outbox: Outbox,
        replies: Replies,
        remembered: Container[int],
        active: dict[int, Any],
        settle: Callable[[int], None],
    ) -> None:
        self.loop = loop
        self._outbox = outbox
        self._replies = replies
        # Ids whose cancel came before they did.
        self._remembered = remembered
        # All that runs on this connection, until `settle` takes it out.
        self._active = active
        self._settle = settle
        self._flush_scheduled = False
        # What the main thread has started and the loop has not taken; one wake-up serves them all.
        self._started: deque[tuple[Coroutine[Any, Any, None], AsyncCall, Variables]] = deque()
        self._spawn_scheduled = False

    def start(
        self,
        method: ServedMethod,
        target: Callable[..., Any],
        context: Context,
        args: Sequence[Any],
        kwargs: dict[str, Any],
        credit: int | None,
        wants_timing: int = 0,
    ) -> None:
        """Run an async function, or with `credit` an async generator, as `target`; answer why that cannot be."""
        call_id = context.call_id
        variables = copy_context()
        variables.run(enter, context)
        # It must not even begin: the loop may be quicker than what is done for this arrival.
        context.cancelled = call_id in self._remembered
        # Before the signal handler can see the call: it must not be the one to start a thread.
        self.loop.ensure_started()
        call = AsyncCall(context, self.loop, credit or 0, wants_timing)
        self._active[call_id] = call
        serve = self._serve_call if credit is None else self._serve_stream
        try:
            self._start(serve(method, target, call, args, kwargs), call, variables)
        except SynapseError as error:  # there is no loop any more
            del self._active[call_id]
            self._outbox.post(self._replies.error(call_id, error))

    def _start(
        self, coroutine: Coroutine[Any, Any, None], call: AsyncCall, variables: Variables
    ) -> None:
        self._started.append((coroutine, call, variables))
        if self._spawn_scheduled:
            return
        self._spawn_scheduled = True
        try:
            self.loop.call(self._spawn)
        except SynapseError:
            self._spawn_scheduled = False
            self._started.pop()
            coroutine.close()  # never awaited, it would warn about itself
            raise

    def _spawn(self) -> None:
        """Make tasks of what was started, on the loop."""
        self._spawn_scheduled = False  # first: what comes from here on asks for another turn
        while self._started:
            coroutine, call, variables = self._started.popleft()
            try:
                call.task = variables.run(self.loop.create_task, coroutine)
            except BaseException as error:  # of a task factory of the module's
                self._give_up(coroutine, call, error)

    def _give_up(
        self, coroutine: Coroutine[Any, Any, None], call: AsyncCall, error: BaseException
    ) -> None:
        """Answer a call that no task runs, unless it was begun at once and has answered for itself."""
        with suppress(RuntimeError):  # it goes on in spite of GeneratorExit
            coroutine.close()  # never awaited, it would warn about itself
        call_id = call.context.call_id
        if call_id in self._active:
            failure = cancelled(error) if call.context.cancelled else error
            self._finish(call, self._replies.error(call_id, failure))

    async def _serve_call(
        self,
        method: ServedMethod,
        target: Callable[..., Any],
        call: AsyncCall,
        args: Sequence[Any],
        kwargs: dict[str, Any],
    ) -> None:
        call_id = call.context.call_id
        try:
            call.begin()
            started_ns = perf_counter_ns()
            value = await target(*args, **kwargs)
            run_ns = perf_counter_ns() - started_ns
        except BaseException as error:
            self._finish(call, self._failed(method, call, error, args, kwargs))
        else:
            if call.context.cancelled:
                self._finish(call, self._replies.error(call_id, cancelled()))
            elif call.wants_timing:
                self._finish(call, self._replies.timed_result(call_id, run_ns, value))
            else:
                self._finish(call, self._replies.result(call_id, value))

    async def _serve_stream(
        self,
        method: ServedMethod,
        target: Callable[..., Any],
        call: AsyncCall,
        args: Sequence[Any],
        kwargs: dict[str, Any],
    ) -> None:
        batch = ItemBatch(call.context.call_id, self._replies, self.post)
        try:
            try:
                call.begin()
                generator = target(*args, **kwargs)
                try:
                    await self._pump(generator, call, batch, method.convert_item)
                finally:
                    await generator.aclose()
            finally:
                if not call.context.cancelled:
                    batch.send()
        except BaseException as error:
            last = self._failed(method, call, error, args, kwargs)
        else:
            stream_id = call.context.call_id
            last = (
                self._replies.error(stream_id, cancelled())
                if call.context.cancelled
                else self._replies.end(stream_id)
            )
        batch.drop()
        self._finish(call, last)

    async def _pump(
        self,
        generator: Any,
        call: AsyncCall,
        batch: ItemBatch,
        convert_item: Callable[[Any], Any] | None,
    ) -> None:
        import asyncio

        while not call.context.cancelled:
            if call.credit <= 0:
                batch.send()
                await call.wait_for_credit()
            try:
                item = await generator.__anext__()
            except StopAsyncIteration:
                return
            if forked.in_child:
                forked.end_in_child()
            call.credit -= 1
            if convert_item is not None:
                item = convert_item(item)
            starts = not batch
            full = batch.add(item)
            if starts:
                self.loop.soon(batch.send)  # when the generator waits, nothing else does
            if full:
                batch.send()
                # A generator that never waits must not keep the loop from everything else.
                await asyncio.sleep(0)

    def _failed(
        self,
        method: ServedMethod,
        call: AsyncCall,
        error: BaseException,
        args: Sequence[Any],
        kwargs: dict[str, Any],
    ) -> bytes:
        from asyncio import CancelledError

        call_id = call.context.call_id
        if call.context.cancelled:
            cause = None if isinstance(error, CancelledError | GeneratorExit) else error
            return self._replies.error(call_id, cancelled(cause, suspended_at(error)))
        return self._replies.error(call_id, argument_mismatch(method, error, args, kwargs) or error)

    def _finish(self, call: AsyncCall, last: bytes) -> None:
        if forked.in_child:
            forked.end_in_child()
        call.context.settle()
        self._outbox.post(last)
        self._settle(call.context.call_id)
        if self._active:
            self._flush_soon()
        else:  # no other answer can join it
            self._outbox.flush()

    def post(self, frame: bytes) -> None:
        """Add a frame that leaves with the others of this turn of the loop."""
        self._outbox.post(frame)
        self._flush_soon()

    def _flush_soon(self) -> None:
        if not self._flush_scheduled:
            self._flush_scheduled = True
            self.loop.soon(self._flush)

    def _flush(self) -> None:
        self._flush_scheduled = False
        self._outbox.flush()
