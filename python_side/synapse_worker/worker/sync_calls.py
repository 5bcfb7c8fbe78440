"""Synchronous functions: each is run here and now, on the thread that dispatches, and answered."""

from __future__ import annotations

from contextvars import copy_context
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, Final

from synapse_worker.worker import failures, forked
from synapse_worker.worker.context import enter
from synapse_worker.worker.interruption import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from synapse_worker.peer.outbox import Outbox
    from synapse_worker.protocol.errors import SynapseError
    from synapse_worker.worker.context import Context
    from synapse_worker.worker.interruption import Interruptor
    from synapse_worker.worker.replies import Replies
    from synapse_worker.worker.served_method import ServedMethod

# A method whose last run took longer does not hold back replies that wait to be sent.
SLOW_RUN_NS: Final = 100_000


class SyncCalls:
    """Runs the synchronous functions of one connection."""

    def __init__(self, interruptor: Interruptor, outbox: Outbox, replies: Replies) -> None:
        self._interruptor = interruptor
        self._outbox = outbox
        self._replies = replies

    def run(
        self,
        method: ServedMethod,
        target: Callable[..., Any],
        context: Context,
        args: Sequence[Any],
        kwargs: dict[str, Any],
        wants_timing: int,
    ) -> None:
        """Run a function and post its answer."""
        if method.last_run_ns > SLOW_RUN_NS:
            self._outbox.flush()
        variables = copy_context()
        variables.run(enter, context)
        started_ns = perf_counter_ns()
        value, failure = self._interruptor.run(
            context.call_id, variables.run, (target, *args), kwargs, context
        )
        run_ns = perf_counter_ns() - started_ns
        self.answer(method, context, args, kwargs, value, failure, run_ns, wants_timing)

    def answer(
        self,
        method: ServedMethod,
        context: Context,
        args: Sequence[Any],
        kwargs: dict[str, Any],
        value: Any,
        failure: BaseException | None,
        run_ns: int,
        wants_timing: int,
    ) -> None:
        """Post the answer to a call that has just run, whatever came of it."""
        if forked.in_child:
            forked.end_in_child(failure)
        method.last_run_ns = run_ns
        context.settle()
        call_id = context.call_id
        was_interrupted = self._interruptor.was_interrupted
        if was_interrupted:
            frame = self._replies.error(call_id, cancellation(failure))
        elif failure is not None:
            mismatch = failures.argument_mismatch(method, failure, args, kwargs)
            frame = self._replies.error(call_id, mismatch or failure)
        elif wants_timing:
            frame = self._replies.timed_result(call_id, run_ns, value)
        else:
            frame = self._replies.result(call_id, value)
        self._outbox.post(frame)
        # Killed in the next call, this worker must not seem to be at this one yet: the client
        # takes what waits behind a call that it gave up for not begun.
        if was_interrupted or run_ns > SLOW_RUN_NS:
            self._outbox.flush()


def cancellation(failure: BaseException | None) -> SynapseError:
    """Return the error of a call that was interrupted, and then ended by `failure`."""
    return failures.cancelled(None if isinstance(failure, Cancelled) else failure)
