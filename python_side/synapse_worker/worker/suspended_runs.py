"""Runs whose code waits for the client, inside one another, while their thread serves what they wait for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


class Cancellable(Protocol):
    """What is told when its call is cancelled: the call's context."""

    cancelled: bool


class SuspendedRun:
    """One run that waits, as it is to go on: the fields of `Interruptor` that are about the run."""

    __slots__ = ("call_id", "can_go_on", "context", "deferred", "interrupted", "raised", "shields")

    def __init__(
        self,
        call_id: int,
        *,
        interrupted: bool,
        raised: bool,
        shields: int,
        context: Cancellable | None,
        deferred: type[BaseException] | None,
        can_go_on: Callable[[], bool],
    ) -> None:
        self.call_id = call_id
        self.interrupted = interrupted
        self.raised = raised
        self.shields = shields
        self.context = context
        self.deferred = deferred
        self.can_go_on = can_go_on

    def cancel(self, kind: type[BaseException]) -> None:
        """Have `kind` raised as soon as the run goes on."""
        self.interrupted = True
        if self.context is not None:
            self.context.cancelled = True
        if not self.raised:
            self.raised = True
            self.deferred = kind


class SuspendedRuns(list[SuspendedRun]):
    """All runs that wait, the innermost last."""

    __slots__ = ()

    @property
    def innermost_is_cancelled(self) -> bool:
        """Whether the innermost waiting run should stop waiting."""
        return bool(self) and self[-1].deferred is not None

    @property
    def innermost_can_go_on(self) -> bool:
        """Whether what the innermost waiting run waits for has come, so that others should give way."""
        return bool(self) and (self[-1].deferred is not None or self[-1].can_go_on())

    def cancel(self, call_id: int, kind: type[BaseException]) -> None:
        """Have `kind` raised in a waiting run when it goes on, if `call_id` is one."""
        for run in self:
            if run.call_id == call_id and not run.interrupted:
                run.cancel(kind)
