"""Stop running synchronous code: SIGURG makes the main thread raise `Cancelled` inside it.

The parent puts the id of a call where only this handler looks, then sends the signal. Python
runs the handler between two byte codes of the main thread, also when a system call was waiting;
it raises only while the named call is running, and once a call, unless Python itself swallowed it (in a
destructor). The windows that remain are closed by `run` (an exception that lands after user code has
ended is caught there) and by `shielded` (our own code that user code calls is never interrupted).
"""

from __future__ import annotations

from _thread import get_ident
from typing import TYPE_CHECKING, Any, Final, TypeVar

from synapse_worker.peer.remembered import RememberedCancels
from synapse_worker.worker.plain_signal import signal
from synapse_worker.worker.swallowed_cancels import SwallowedCancels

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType

    from synapse_worker.worker.suspended_run import Cancellable, SuspendedRun

Argument = TypeVar("Argument")

# Among the ids of cancelled calls: no call at all, but the question whether anybody is there.
PROBE: Final = 0


class Cancelled(BaseException):
    """The caller cancelled this call. Like `KeyboardInterrupt`, not an `Exception`."""


class Interruptor:
    """Runs user code on the main thread so that a signal can stop it."""

    def __init__(self) -> None:
        self.remembered = RememberedCancels()
        self.running = 0
        # Whether the last `run` was cancelled, whatever its code made of that.
        self.was_interrupted = False
        # One exception a run, whatever its cause: a second could land where nothing catches it.
        self._raised = False
        self._shields = 0
        self._context: Cancellable | None = None
        self._deferred: type[BaseException] | None = None
        self._main_thread = get_ident()
        self._take_cancels: Callable[[], Sequence[int]] = tuple
        self._deliver: Callable[[int], None] = self.remembered.add
        self._on_nudge: Callable[[int], None] = lambda _: None
        self._on_probe: Callable[[], None] = lambda: None
        self._paused = False
        self._swallowed = SwallowedCancels(Cancelled, lambda: self.running)
        self._suspended: list[SuspendedRun] = []

    def listen(
        self,
        take_cancels: Callable[[], Sequence[int]],
        deliver: Callable[[int], None],
        on_nudge: Callable[[int], None] = lambda _: None,
        on_probe: Callable[[], None] = lambda: None,
    ) -> None:
        """Handle SIGURG: pass every id from `take_cancels` to `deliver`, interrupt the running one.

        `on_nudge` is called too if the signal came while user code was running. `on_probe` answers the
        id 0, which asks whether the interpreter still runs Python; that must raise nothing.
        """
        self._on_nudge = on_nudge
        self._on_probe = on_probe
        self._take_cancels = take_cancels
        self._deliver = deliver
        signal.signal(signal.SIGURG, self._on_cancel_signal)
        signal.signal(signal.SIGINT, self._on_interrupt_signal)
        self._swallowed.watch()

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
        self.was_interrupted = self._raised = False
        self._deferred = None
        self._context = context
        try:
            try:
                self.running = call_id
                if self.remembered and call_id in self.remembered:
                    self.was_interrupted = self._raised = True
                    raise Cancelled
                value = function(*args, **kwargs) if kwargs else function(*args)
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
        if call_id and self.running == call_id and not self.was_interrupted:
            self.was_interrupted = True
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
        """Deliver ids from the signal handler again, and now those that came meanwhile."""
        self._paused = False
        self._deliver_cancels()

    @property
    def suspended_runs(self) -> int:
        """How many runs wait inside one another."""
        return len(self._suspended)

    @property
    def suspended_run_is_cancelled(self) -> bool:
        """Whether the innermost waiting run should stop waiting."""
        return bool(self._suspended) and self._suspended[-1].deferred is not None

    @property
    def suspended_run_can_go_on(self) -> bool:
        """Whether what the innermost waiting run waits for has come, so that others should give way."""
        return bool(self._suspended) and self._suspended[-1].is_ready

    def suspend_run(self, can_go_on: Callable[[], bool]) -> None:
        """Set the run apart while this thread serves others; only under a shield of that run."""
        from synapse_worker.worker.suspended_run import SuspendedRun

        # An id delivered in between would find neither the run nor its shield as they should be.
        self._paused = True
        self._suspended.append(
            SuspendedRun(
                self.running,
                interrupted=self.was_interrupted,
                raised=self._raised,
                shields=self._shields,
                context=self._context,
                deferred=self._deferred,
                can_go_on=can_go_on,
            )
        )
        self.running = self._shields = 0
        self._deferred = self._context = None
        self.resume()

    def resume_run(self) -> None:
        """Go on with the run that was suspended last."""
        self._paused = True
        run = self._suspended.pop()
        self.running = run.call_id
        self.was_interrupted = run.interrupted
        self._raised = run.raised
        self._shields = run.shields
        self._context = run.context
        self._deferred = run.deferred
        self.resume()

    def cancel_suspended(self, call_id: int) -> None:
        """Have a waiting run cancelled when it goes on, if `call_id` is one."""
        for run in self._suspended:
            if run.call_id == call_id and not run.interrupted:
                run.cancel(Cancelled)

    def _on_cancel_signal(self, signum: int, frame: FrameType | None) -> None:
        if not self._paused:
            self._deliver_cancels()
            if self.running and not self._shields:
                self.shielded(self._on_nudge, signum)
        if self._swallowed.call_id:
            self._raise_swallowed(frame)

    def _deliver_cancels(self) -> None:
        running_is_hit = False
        for call_id in self._take_cancels():
            if call_id == PROBE:
                self._on_probe()
                continue
            running_is_hit = running_is_hit or call_id == self.running
            self._deliver(call_id)
        if running_is_hit:
            self.interrupt(self.running)

    def _raise_swallowed(self, frame: FrameType | None) -> None:
        """Raise again what was swallowed, unless its call has ended or what swallowed it still runs."""
        if self._swallowed.take(frame) == self.running != 0:
            if not self._shields:
                raise Cancelled
            self._deferred = Cancelled

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
