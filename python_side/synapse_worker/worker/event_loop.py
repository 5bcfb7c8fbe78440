"""The asyncio loop of a worker, on a thread of its own, started with the first async handler."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from synapse_worker.protocol.errors import SynapseError
from synapse_worker.worker.plain_signal import signal

if TYPE_CHECKING:
    import asyncio
    import threading
    from collections.abc import Callable, Coroutine

# With the default of 5 ms a busy main thread would delay every step of the loop by as much;
# at 0.5 ms a ping waits 0.76 ms and a busy handler is no slower (measured).
SWITCH_INTERVAL_SECONDS = 0.0005
STOP_TIMEOUT_SECONDS = 2.0


class EventLoopThread:
    """Runs coroutines beside the main thread. Nothing is imported or started before it is used."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        # The same, for what runs on it: also while it ends.
        self._own_loop: asyncio.AbstractEventLoop
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._watched: tuple[int, Callable[[], bool]] | None = None
        self._on_started: Callable[[int], None] | None = None

    def watch(self, fd: int, on_readable: Callable[[], bool]) -> None:
        """Have `on_readable` run on the loop whenever `fd` can be read, from when there is a loop.

        It returns whether to go on: at the end of a stream there is always something to be read.
        """
        self._watched = fd, on_readable
        if self._loop is not None:
            self.call(self._add_reader, self._loop)

    def when_started(self, tell: Callable[[int], None]) -> None:
        """Have `tell` called with the id that the system knows the thread by, once there is one."""
        self._on_started = tell
        if self._thread is not None and self._thread.native_id is not None:
            tell(self._thread.native_id)

    def ensure_started(self) -> None:
        """Start the thread and its loop, unless they run."""
        if self._loop is None:
            self._start()

    def call(self, callback: Callable[..., Any], *args: Any) -> None:
        """Have `callback(*args)` run on the loop, soon and in order; from any thread.

        Raises:
            SynapseError: `CLOSED`, user code has closed the loop.
        """
        try:
            (self._loop or self._start()).call_soon_threadsafe(callback, *args)
        except RuntimeError as error:
            raise SynapseError(
                "CLOSED",
                "The module has closed the event loop that its async methods run on. Let it leave that "
                "loop open, and start another worker.",
                cause=error,
            ) from error

    def soon(self, callback: Callable[[], None]) -> None:
        """Have `callback` run at the loop's next turn; on the loop's own thread only, also while it ends."""
        self._own_loop.call_soon(callback)

    def create_task(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run `coroutine` as a task; on the loop's own thread only."""
        return self._own_loop.create_task(coroutine)

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run `coroutine` on the loop and wait for its result.

        Raises:
            BaseException: whatever the coroutine raises.
        """
        import asyncio

        return asyncio.run_coroutine_threadsafe(coroutine, self._loop or self._start()).result()

    def stop(self) -> None:
        """Cancel what still runs on the loop, and end its thread. Idempotent."""
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        self._loop = None
        self._stopping = True
        with suppress(RuntimeError):  # user code has closed it
            loop.call_soon_threadsafe(loop.stop)
        thread.join(STOP_TIMEOUT_SECONDS)

    def _start(self) -> asyncio.AbstractEventLoop:
        import asyncio
        import threading

        sys.setswitchinterval(SWITCH_INTERVAL_SECONDS)
        loop = asyncio.new_event_loop()
        started = threading.Event()
        self._thread = threading.Thread(
            target=self._serve, args=(loop, started), name="synapse-asyncio", daemon=True
        )
        self._thread.start()
        started.wait()
        self._loop = loop
        if self._on_started is not None and self._thread.native_id is not None:
            self._on_started(self._thread.native_id)
        return loop

    def _add_reader(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._watched is None:
            return
        fd, on_readable = self._watched

        def read() -> None:
            if not on_readable():
                loop.remove_reader(fd)

        loop.add_reader(fd, read)

    def _serve(self, loop: asyncio.AbstractEventLoop, started: threading.Event) -> None:
        import asyncio

        # The main thread must get these: it is the one that a signal should wake.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGURG, signal.SIGTERM, signal.SIGINT})
        asyncio.set_event_loop(loop)
        self._own_loop = loop
        loop.call_soon(started.set)
        self._add_reader(loop)
        # User code may stop the loop, which all calls share: it goes on until we stop it.
        while not (self._stopping or loop.is_closed()):
            self._run_until_stopped(loop)
        if not loop.is_closed():
            self._cancel_all(loop)
            loop.close()

    @staticmethod
    def _run_until_stopped(loop: asyncio.AbstractEventLoop) -> None:
        try:
            loop.run_forever()
        except (SystemExit, KeyboardInterrupt) as error:
            # Raised in a task that user code started by itself: it ends that task, not the worker.
            message = f"{type(error).__name__} in a task of the module"
            with suppress(BaseException):  # the module's own exception handler may raise
                loop.call_exception_handler({"message": message, "exception": error})
        except RuntimeError:
            if not loop.is_closed():  # as it was, in the moment between two runs
                raise

    @staticmethod
    def _cancel_all(loop: asyncio.AbstractEventLoop) -> None:
        import asyncio

        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        if tasks:
            loop.run_until_complete(asyncio.wait(tasks, timeout=STOP_TIMEOUT_SECONDS / 2))
        loop.run_until_complete(loop.shutdown_asyncgens())
