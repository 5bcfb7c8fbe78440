"""A handle to one worker process: call it, stream from it, cancel, close. Blocking, thread-safe."""

from __future__ import annotations

import signal
import threading
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from synapse_worker.protocol.codec import decode_value, encode_value
from synapse_worker.protocol.errors import SynapseError, error_from_wire
from synapse_worker.protocol.limits import MAX_FRAME_BYTES, STREAM_WINDOW_ITEMS
from synapse_worker.supervisor.call import PendingCall
from synapse_worker.supervisor.connection import Connection
from synapse_worker.supervisor.control_link import ControlLink, OfferedPipes
from synapse_worker.supervisor.logs import WorkerLogs
from synapse_worker.supervisor.process import WorkerProcess, exit_error
from synapse_worker.supervisor.raw_requests import RawRequests
from synapse_worker.supervisor.stack_pipe import StackPipe
from synapse_worker.supervisor.stream import WorkerStream
from synapse_worker.transport.descriptors import DescriptorTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from typing_extensions import Self

    from synapse_worker.supervisor.launch_spec import LaunchSpec
    from synapse_worker.supervisor.logs import LogListener

# How long a cancelled call may take to stop before its worker is killed.
CANCEL_GRACE_SECONDS = 0.5
# How long each step of the close ladder waits for the process to end.
CLOSE_GRACE_SECONDS = 2.0
# How long to wait for what a dead worker's descriptors still hold.
LAST_WORDS_SECONDS = 1.0
# Of a raw script that warns at every call, only the latest matter.
KEPT_EVENTS = 256


class WorkerHandle:
    """One worker process. Use `open_worker` to get one that is ready."""

    def __init__(self, spec: LaunchSpec, on_log: LogListener | None = None) -> None:
        self.spec = spec
        self.hello: dict[str, Any] | None = None
        # The latest of what it said on the control socket.
        self.events: deque[dict[str, Any]] = deque(maxlen=KEPT_EVENTS)
        self._ready = threading.Event()
        self._failure: SynapseError | None = None
        self._connection: Connection | None = None
        self._pipes: OfferedPipes | None = None
        self._stacks: StackPipe | None = None
        self._one_release = threading.Lock()
        self._released = False
        self._process = WorkerProcess(spec, self._on_exit)
        self._requests = RawRequests(self._process.kill)
        self._logs = WorkerLogs(self._process.log_fds, on_log)
        self._control = ControlLink(self._process.control_fd, self._on_event)
        self._control.start()
        self._process.watch()

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._process.pid

    @property
    def exit_status(self) -> int | None:
        """The exit code, negative for a signal; None while the worker lives."""
        return self._process.exit_status

    @property
    def stderr_tail(self) -> str:
        """The last lines the worker wrote to its standard error."""
        return self._logs.errors.tail()

    def wait_until_ready(self, timeout_ms: float | None = None) -> None:
        """Wait for the greeting of a native module, or the first read of a raw script.

        Raises:
            SynapseError: the worker failed to start, or not in time.
        """
        if not self._ready.wait(None if timeout_ms is None else timeout_ms / 1000):
            raise SynapseError(
                "CALL_TIMEOUT", f"{self.spec.entrypoint} was not ready within {timeout_ms:g} ms."
            )
        if self._failure is not None:
            raise self._failure

    def call(
        self,
        method: str,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        timeout_ms: float | None = None,
        on_progress: Callable[[Any], None] | None = None,
    ) -> Any:
        """Call a method and wait for its result.

        Raises:
            SynapseError: the call failed; `PythonError` with the traceback if user code raised,
                `CALL_TIMEOUT` if it took too long: then it was stopped, if need be with its worker.
        """
        call_id, pending = self.start_call(method, args, kwargs, on_progress=on_progress)
        if not pending.settled.wait(None if timeout_ms is None else timeout_ms / 1000):
            self.cancel(call_id)
            if not pending.settled.wait(CANCEL_GRACE_SECONDS):
                self.kill()
            raise SynapseError("CALL_TIMEOUT", f"{method!r} took longer than {timeout_ms:g} ms.")
        return pending.value()

    def describe(self, *, full: bool = True, timeout_ms: float | None = None) -> dict[str, Any]:
        """Return the module's schema: `hash`, `members` (a line for each) and, with `full`, `schema` (JSON).

        Raises:
            SynapseError: `SCHEMA_INVALID`, the module cannot be described; its details say file and line.
        """
        answer: dict[str, Any] = self.call("$schema", kwargs={"full": full}, timeout_ms=timeout_ms)
        return answer

    def start_call(
        self,
        method: str,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        on_progress: Callable[[Any], None] | None = None,
    ) -> tuple[int, PendingCall]:
        """Send a call without waiting; return its id and who takes the answer."""
        pending = PendingCall(on_progress)
        progress = on_progress is not None
        caller = self._connected().caller
        return caller.call(method, args, kwargs or {}, pending, progress=progress), pending

    def stream(
        self,
        method: str,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        on_progress: Callable[[Any], None] | None = None,
        window_items: int = STREAM_WINDOW_ITEMS,
    ) -> WorkerStream:
        """Open a stream; at most `window_items` items are made ahead of the reader."""
        caller = self._connected().caller
        stream = WorkerStream(on_progress, caller.add_credit, self.cancel, window_items)
        progress = on_progress is not None
        stream.stream_id = caller.open(
            method, args, kwargs or {}, stream, credit=window_items, progress=progress
        )
        return stream

    def cancel(self, call_id: int) -> None:
        """Ask the worker to stop a call or stream, also while its code runs."""
        try:
            if self._pipes is not None:
                self._pipes.write_cancel(call_id)
            else:
                self._control.send({"cancel": call_id})
        except OSError:
            return  # it is gone, and its calls with it
        self._process.signal(signal.SIGURG)

    def read_stack(self, timeout_ms: float) -> str | None:
        """Return what all threads of the worker are doing; None if that cannot be had, or not in time."""
        if self._stacks is None:
            return None
        return self._stacks.read(self._process.signal, timeout_ms / 1000)

    def request(self, value: Any, *, timeout_ms: float | None = None) -> Any:
        """Send one value to a raw script and return its reply."""
        return decode_value(self.request_bytes(encode_value(value), timeout_ms=timeout_ms))

    def request_bytes(self, payload: bytes, *, timeout_ms: float | None = None) -> bytes:
        """Send one payload to a raw script and return the payload of its reply, undecoded.

        Raises:
            SynapseError: the script ended or failed, or took too long: then it was killed.
        """
        reply = self._requests.send(self._connected(), payload, timeout_ms)
        if reply is not None:
            return reply
        self._process.wait(CLOSE_GRACE_SECONDS)
        self._control.join(LAST_WORDS_SECONDS)
        raise self._failure or self._exited()

    def close(self) -> None:
        """End the worker: ask, wait, terminate, wait, kill, reap. Idempotent."""
        if self._connection is not None and self.exit_status is None:
            if self.hello is not None:
                self._connection.drain()
            else:
                self._connection.close_output()
            if not self._process.wait(CLOSE_GRACE_SECONDS):
                self._process.signal(signal.SIGTERM)
                self._process.wait(CLOSE_GRACE_SECONDS)
        self.kill()

    def kill(self) -> None:
        """Kill the worker and its children at once; return when they are gone and heard out."""
        self._process.kill()
        self._process.exited.wait()
        self._logs.output.join(LAST_WORDS_SECONDS)
        self._hear_out()
        self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is None or isinstance(error, SynapseError):
            self.close()
        else:
            self.kill()  # Ctrl-C, a reader that has gone: nobody waits for a busy worker any more

    def _release(self) -> None:
        """Close every descriptor that is ours, once."""
        with self._one_release:
            if self._released:
                return
            self._released = True
        self._control.close()
        for opened in (self._pipes, self._stacks, self._connection):
            if opened is not None:
                opened.close()
        if self._connection is None or self._pipes is not None:
            DescriptorTransport(*self._process.data_fds).close()

    def _connected(self) -> Connection:
        if self._connection is None:
            raise SynapseError("CLOSED", "The worker is not connected; wait until it is ready.")
        return self._connection

    def _on_event(self, event: dict[str, Any]) -> None:
        """Act on a line of the control socket, on its thread."""
        self.events.append(event)
        kind = event.get("event")
        if kind == "dump":
            with suppress(OSError):  # no /proc here: stacks go to stderr
                self._stacks = StackPipe(self.pid, event["fd"])
        elif kind == "channel":
            self._connect(event.get("pipes"))
        elif kind == "ready" and self._connection is not None:
            self._connection.is_raw = True
            self._ready.set()
        elif kind == "crash":
            self._fail(error_from_wire(event.get("error")))
        elif kind == "log":
            self._logs.take_record(event["record"])
        elif kind == "warning":
            self._logs.take_warning(event.get("message"))

    def _connect(self, pipes: dict[str, int] | None) -> None:
        transport = None
        if pipes is not None:
            try:
                self._pipes = OfferedPipes(self.pid, pipes)
                transport = self._pipes.transport
            except OSError:
                pass  # no /proc here: the socket serves as well
        self._connection = Connection(
            transport or DescriptorTransport(*self._process.data_fds),
            self.spec.max_frame_bytes or MAX_FRAME_BYTES,
            on_hello=self._on_hello,
            on_log=lambda call_id, record: self._logs.take_record(record),
            on_end=self._on_end,
        )
        channel = "socket" if transport is None else "pipes"
        with suppress(OSError):  # it has gone, and its end says more
            self._control.send({"channel": channel, "dump": self._stacks is not None})

    def _on_hello(self, hello: dict[str, Any]) -> None:
        self.hello = hello
        self._ready.set()

    def _on_end(self, failure: SynapseError | None) -> None:
        """The data channel has ended: the worker goes, or must."""
        if failure is not None:
            self._fail(failure)
            self._process.kill()

    def _on_exit(self, status: int) -> None:
        self._hear_out()
        self._fail(self._exited())

    def _hear_out(self) -> None:
        """Read what its descriptors still hold, now that it has gone."""
        for last_words in (self._logs.errors, self._control, self._connection):
            if last_words is not None:
                last_words.join(LAST_WORDS_SECONDS)

    def _fail(self, error: SynapseError) -> None:
        """Note the first failure, and let everyone who waits know."""
        if self._failure is None:
            if error.details is None:
                error.details = {"stderr": self.stderr_tail}
            self._failure = error
        self._ready.set()
        if self._connection is not None:
            self._connection.caller.lose(self._failure)

    def _exited(self) -> SynapseError:
        return exit_error(self.spec.entrypoint, self.exit_status, self.stderr_tail)
