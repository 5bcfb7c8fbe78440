"""One async call or stream that runs: what the main thread knows of a task of the event loop's thread."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from synapse_worker.protocol.errors import SynapseError

if TYPE_CHECKING:
    import asyncio

    from synapse_worker.worker.context import Context
    from synapse_worker.worker.event_loop import EventLoopThread


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
