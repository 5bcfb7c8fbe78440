"""Stop running synchronous code: SIGURG makes the main thread raise `Cancelled` inside it.

The parent puts the id of a call where only this handler looks, then sends the signal. Python
runs the handler between two byte codes of the main thread, also when a system call was waiting;
it raises only while the named call is running, and once a call. The windows that remain are
closed by `run` (an exception that lands after user code has ended is caught there) and by
`shielded` (our own code that user code calls is never interrupted).
"""

from __future__ import annotations

import signal
from _thread import get_ident
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from synapse_worker.peer.remembered import RememberedCancels

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType

Argument = TypeVar("Argument")


class Cancelled(BaseException):
    """The caller cancelled this call. Like `KeyboardInterrupt`, not an `Exception`."""


class Cancellable(Protocol):
    """What is told when its call is cancelled: the call's context."""

    cancelled: bool


class Interruptor:
    """Runs user code on the main thread so that a signal can stop it."""

    def __init__(self) -> None:
        self.remembered = RememberedCancels()
        self.running = 0
        self._interrupted = False
        # One exception a run, whatever its cause: a second could land where nothing catches it.
        self._raised = False
        self._shields = 0
        self._context: Cancellable | None = None
        self._deferred: type[BaseException] | None = None
        self._main_thread = get_ident()
        self._take_cancels: Callable[[], Sequence[int]] = tuple
        self._deliver: Callable[[int], None] = self.remembered.add
        self._paused = False

    def listen(
        self, take_cancels: Callable[[], Sequence[int]], deliver: Callable[[int], None]
    ) -> None:
        """Handle SIGURG: pass every id from `take_cancels` to `deliver`, interrupt the running one."""
        self._take_cancels = take_cancels
        self._deliver = deliver
        signal.signal(signal.SIGURG, self._on_cancel_signal)
        signal.signal(signal.SIGINT, self._on_interrupt_signal)

    @property
    def was_interrupted(self) -> bool:
        """Whether the last `run` was cancelled, whatever its code made of that."""
        return self._interrupted

    def run(
        self,
        call_id: int,
        function: Callable[..., Any],
        args: Sequence[Any],
        kwargs: dict[str, Any],
        context: Cancellable | None = None,
    ) -> tuple[Any, BaseException | None]:
        """Call `function`; return its value, or what it raised. Nothing ever escapes."""
        value: Any = None
        failure: BaseException | None = None
        self._interrupted = self._raised = False
        self._deferred = None
        self._context = context
        try:
            try:
                self.running = call_id
                if call_id in self.remembered:
                    self._interrupted = self._raised = True
                    raise Cancelled
                value = function(*args, **kwargs)
                self.running = 0
            except BaseException as error:
                # A cancel may still land before the next line is done: the outer `except`.
                self.running = 0
                failure = error
        except BaseException as error:
            self.running = 0
            failure = error
        return value, failure

    def interrupt(self, call_id: int) -> None:
        """Raise `Cancelled` here if `call_id` is running; only for use on the main thread."""
        if call_id and self.running == call_id and not self._interrupted:
            self._interrupted = True
            if self._context is not None:
                self._context.cancelled = True
            self._raise_or_defer(Cancelled)

    def shielded(self, act: Callable[[Argument], None], argument: Argument) -> None:
        """Call `act(argument)`; a cancel that comes meanwhile is raised when it is done."""
        if get_ident() != self._main_thread:
            act(argument)
            return
        self._shields += 1
        try:
            act(argument)
        finally:
            self._shields -= 1
        deferred = self._deferred
        if deferred is not None and self._shields == 0 and self.running:
            self._deferred = None
            raise deferred

    def pause(self) -> None:
        """Leave ids where they are: the main loop is about to look for them itself."""
        self._paused = True

    def resume(self) -> None:
        """Take ids from the signal handler again."""
        self._paused = False

    def take_cancels(self) -> Sequence[int]:
        """Return the ids that have arrived."""
        return self._take_cancels()

    def _on_cancel_signal(self, signum: int, frame: FrameType | None) -> None:
        if self._paused:
            return
        running_is_hit = False
        for call_id in self._take_cancels():
            running_is_hit = running_is_hit or call_id == self.running
            self._deliver(call_id)
        if running_is_hit:
            self.interrupt(self.running)

    def _on_interrupt_signal(self, signum: int, frame: FrameType | None) -> None:
        # Ctrl-C is the parent's business; what user code asked for itself reaches it.
        if self.running:
            self._raise_or_defer(KeyboardInterrupt)

    def _raise_or_defer(self, kind: type[BaseException]) -> None:
        if self._raised:
            return
        self._raised = True
        if self._shields:
            self._deferred = kind
        else:
            raise kind
