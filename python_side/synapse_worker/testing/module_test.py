"""`ModuleTest`: a module as its client sees it, for pytest and any other test runner."""

from __future__ import annotations

from contextlib import ExitStack
from types import ModuleType
from typing import TYPE_CHECKING, Any

from synapse_worker.testing.answer import Answer
from synapse_worker.testing.instance import InstanceTest
from synapse_worker.testing.loopback import Loopback
from synapse_worker.worker.hooks import run_hook, run_preloads, run_setups
from synapse_worker.worker.importing import find_module

if TYPE_CHECKING:
    from collections.abc import Generator

    from typing_extensions import Self

    from synapse_worker.worker.module import Module


class ModuleTest:
    """Calls a module in this process, through everything a client's call passes.

        with ModuleTest(app) as module:
            module.call("quote", "ACME", depth=3)       # what the client would get
            list(module.stream("ticks", "ACME"))        # leaving a loop early stops the generator
            with module.new("Counter", 10) as counter:  # a service
                counter.call("increment")
            module.call("visit", [1, 2], print)         # functions are callbacks
            module.call("ingest", iter([1, 2]))         # iterators are streams

    Values are those that travel: a dataclass is a dict of its fields, a set a list, a Decimal a string.
    A call that fails raises the error a client gets: `PythonError` with `python_type` and
    `traceback` for what user code raised, `ValidationError` for an argument of the wrong type.

    Preloads and setups run when the `with` block begins (or at the first call), teardowns at its end.
    One thread at a time may use it.
    """

    def __init__(self, app: Module | ModuleType) -> None:
        """Take the `Module`, or the Python module that holds it."""
        self._module = find_module(app, app.__name__) if isinstance(app, ModuleType) else app
        self._loopback: Loopback | None = None
        self._closed = False
        self._answer = Answer()

    @property
    def progress(self) -> list[Any]:
        """What the latest call or stream passed to `ctx.progress()`."""
        return self._answer.progress

    @property
    def logs(self) -> list[dict[str, Any]]:
        """What was passed to `ctx.log()` so far; what goes through `logging` stays in this process."""
        return self._connected().logs

    def call(self, method: str, /, *args: Any, **kwargs: Any) -> Any:
        """Call a method and return its result.

        Raises:
            SynapseError: the call failed; `PythonError` if user code raised.
        """
        loopback = self._connected()
        answer = self._answer = Answer()
        with loopback.referred(args, kwargs) as (plain_args, plain_kwargs):
            call_id = loopback.caller.call(method, plain_args, plain_kwargs, answer, progress=True)
            try:
                loopback.run_until(lambda: answer.settled)
            except BaseException:
                loopback.caller.cancel(call_id)  # Ctrl-C, or a time limit of the test runner
                raise
            return answer.value()

    def stream(self, method: str, /, *args: Any, **kwargs: Any) -> Generator[Any, None, None]:
        """Iterate over what a generator yields; the call is made when iteration starts.

        An item is asked for when it is wanted, so the generator is never ahead of its reader.
        Leaving early closes the generator and waits until its `finally` blocks have run.

        Raises:
            SynapseError: the stream failed; items that came before are yielded first.
        """
        loopback = self._connected()
        answer = self._answer = Answer()
        with loopback.referred(args, kwargs) as (plain_args, plain_kwargs):
            stream_id = loopback.caller.open(
                method, plain_args, plain_kwargs, answer, credit=1, progress=True
            )
            try:
                while True:
                    loopback.run_until(lambda: bool(answer.items) or answer.settled)
                    if not answer.items:
                        answer.value()
                        return
                    yield answer.items.popleft()
                    loopback.caller.add_credit(stream_id, 1)
            finally:
                if not answer.settled:
                    loopback.caller.cancel(stream_id)
                    loopback.run_until(lambda: answer.settled)

    def new(self, service: str, /, *args: Any, **kwargs: Any) -> InstanceTest:
        """Make an instance of a service, with the arguments of its constructor."""
        return InstanceTest(self, service, self.call(f"{service}.$new", *args, **kwargs))

    def instance(self, service: str, reference: int) -> InstanceTest:
        """Return the instance that a method's result refers to."""
        return InstanceTest(self, service, reference)

    def close(self) -> None:
        """Run the teardowns and let go of everything. Idempotent.

        Raises:
            BaseException: what a teardown raised; the others have run nevertheless.
        """
        loopback, self._loopback = self._loopback, None
        self._closed = True
        if loopback is None:
            return
        with ExitStack() as last:
            last.callback(loopback.close)
            for teardown in self._module.teardowns:
                last.callback(run_hook, teardown, loopback.loop)

    def __enter__(self) -> Self:
        self._connected()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _connected(self) -> Loopback:
        if self._closed:
            raise RuntimeError("This ModuleTest is closed: make another one.")
        if self._loopback is None:
            loopback = Loopback(self._module)
            try:
                run_preloads(self._module)
                run_setups(self._module, loopback.loop)
            except BaseException:
                loopback.close()
                raise
            self._loopback = loopback
        return self._loopback
