"""A run whose code waits for the client, while its thread serves what it waits for.

Imported by the first of them: few modules have methods that wait.
"""

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

    @property
    def is_ready(self) -> bool:
        """Whether what it waits for has come, or it should stop waiting."""
        return self.deferred is not None or self.can_go_on()

    def cancel(self, kind: type[BaseException]) -> None:
        """Have `kind` raised as soon as the run goes on."""
        self.interrupted = True
        if self.context is not None:
            self.context.cancelled = True
        if not self.raised:
            self.raised = True
            self.deferred = kind
