"""The life of the zygote: import the module, then fork a worker for each request, until nobody asks any more.

It runs no user code after the import and the description of typed methods, and no thread. Where the module cannot be forked it says why, and
serves as a worker itself: then nothing has been imported in vain.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import sys
from contextlib import suppress

from synapse_worker.worker.boot import EXIT_NOT_STARTED, apply_limits, fail
from synapse_worker.worker.call_ledger import CallLedger
from synapse_worker.worker.channel import (
    CONTROL_FD,
    DATA_FD,
    LIFE_FD,
    ChannelOffer,
    ParentGoneError,
)
from synapse_worker.worker.config import WorkerConfig
from synapse_worker.worker.control import Control
from synapse_worker.worker.forked import silence_in_children
from synapse_worker.worker.life import guard, release
from synapse_worker.worker.private_descriptors import out_of_reach
from synapse_worker.worker.stack_dump import StackDump
from synapse_worker.worker.zygote.child import become_worker, reseed
from synapse_worker.worker.zygote.children import Children
from synapse_worker.worker.zygote.forkability import (
    TemporaryFolders,
    open_descriptors,
    why_not_forkable,
)
from synapse_worker.worker.zygote.origin import mark_descendants, place_of_mark
from synapse_worker.worker.zygote.planning import plans_ahead
from synapse_worker.worker.zygote.thread_pools import ThreadPools

TYPE_CHECKING = False  # importing typing costs 9 ms of a cold start
if TYPE_CHECKING:
    from synapse_worker.worker.channel import Channel
    from synapse_worker.worker.module import Module

# At most open in a fork while it becomes a worker: nine pipes, both ends, and what it opens by the way.
DESCRIPTORS_OF_A_WORKER = 32


def run_zygote(config_json: str) -> None:
    """Run the zygote of the workers that CONFIG_JSON describes, and in each fork of it a worker, to its end.

    Raises:
        SystemExit: with the status the process should end with.
    """
    data_fd, control_fd, life_fd = map(out_of_reach, (DATA_FD, CONTROL_FD, LIFE_FD))
    guard(life_fd)
    dump = StackDump()
    control = Control(control_fd)
    try:
        config = WorkerConfig.from_json(config_json)
    except Exception as error:
        fail(control, error)
    pools = ThreadPools()
    before, folders = open_descriptors(), TemporaryFolders()
    module = _prepared(config, control)
    plans = plans_ahead(config, module)
    pools.release()
    reason = why_not_forkable(before, folders.left()) or _why_no_room(control.fd)
    if reason is None:
        # No user code runs from here on, so the end of the parent is seen, and all that lives is ended.
        release(life_fd)
        zygote = Zygote(control)
        request = zygote.run()
        channel, control = become_worker(request, control, life_fd, (data_fd, *zygote.fds))
        mark_descendants(zygote.place_of_mark)
        reseed()
    else:
        channel = _serve_alone(control, data_fd, life_fd, config, dump, reason)
    pools.restore()
    if config.resource_limits:
        apply_limits(config, control)
    from synapse_worker.worker.native import serve_prepared

    serve_prepared(config, channel, control, module, plans)


class Zygote:
    """Forks a worker for each request, and reports how each has ended."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._children = Children(control)
        self._closing = False
        # Where each fork writes who it is.
        self.place_of_mark: int | None = None
        wake_up, self._wake_up_writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._wake_up = wake_up

    @property
    def fds(self) -> tuple[int, ...]:
        """The descriptors that are of no use in a worker."""
        return (self._wake_up, self._wake_up_writer)

    def run(self) -> int:
        """Fork; return in each child, and there only, the number of the request that it is for."""
        # First: the parent takes as long to ask for a fork as it takes to be ready for one.
        self._control.send("ready")
        self._children.adopt_orphans()
        self.place_of_mark = place_of_mark()  # here: each fork would look for it
        os.set_blocking(self._control.fd, False)
        previous = signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake_up_writer, warn_on_full_buffer=False)
        # Without it no end of a worker would be seen; the workers get back what the module has set.
        mask = signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        # Else the collections of all children would write to the pages of what lives now. Nothing is collected
        # before: that looks at all there is, a tenth of the import of a large library, for next to no garbage.
        gc.freeze()
        _flush_output()
        request = self._serve()
        signal.set_wakeup_fd(-1)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGCHLD, previous)
        return request

    def _serve(self) -> int:
        poller = select.poll()
        for fd in (self._control.fd, self._wake_up):
            poller.register(fd, select.POLLIN)
        while not (self._closing and not self._children):
            poller.poll()
            self._clear_wake_up()
            messages, ended = self._control.take_messages()
            for message in messages:
                request = self._follow(message)
                if request is not None:
                    return request
            if ended:
                break
            self._children.look()
        self._children.kill_all()
        # What the module has registered to run at exit runs at those of the workers.
        os._exit(0)

    def _follow(self, message: dict[str, object]) -> int | None:
        """Do what the parent asks; return a number in a child that has been forked for it."""
        if "reap" in message:
            self._children.reap(message["reap"])
        if "kill" in message:
            self._children.kill(message["kill"])
        if "close" in message:
            self._closing = True
        request = message.get("fork")
        return self._fork(request) if isinstance(request, int) else None

    def _fork(self, request: int) -> int | None:
        try:
            pid = os.fork()
        except OSError as error:
            self._control.send("unforked", request=request, reason=str(error))
            return None
        if pid == 0:
            return request
        self._children.add(pid, request)
        return None

    def _clear_wake_up(self) -> None:
        with suppress(BlockingIOError):
            while os.read(self._wake_up, 4096):
                pass


def _flush_output() -> None:
    """Keep what has been printed from being printed by each child; the module may have closed or replaced it."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()


def _why_no_room(fd: int) -> str | None:
    """Say in a clause why a fork could not open the pipes of a worker; None if it could."""
    opened: list[int] = []
    try:
        opened.extend(os.dup(fd) for _ in range(DESCRIPTORS_OF_A_WORKER))
    except OSError as error:
        return f"importing it left no room for the pipes of a worker ({error.strerror})"
    finally:
        for copy in opened:
            os.close(copy)
    return None


def _prepared(config: WorkerConfig, control: Control) -> Module:
    """Import the module and run its preloads; report and exit if that fails."""
    from synapse_worker.worker.first_calls import import_for_first_calls
    from synapse_worker.worker.native import prepare

    try:
        module = prepare(config)
    except BaseException as error:
        from synapse_worker.worker.start_failure import report_start_failure

        control.send("crash", error=report_start_failure(config, error))
        sys.exit(EXIT_NOT_STARTED)
    import_for_first_calls(module)
    return module


def _serve_alone(
    control: Control,
    data_fd: int,
    life_fd: int,
    config: WorkerConfig,
    dump: StackDump,
    reason: str,
) -> Channel:
    """Say why nothing is forked, and agree on the channel of the only worker that this process will be."""
    control.send("unforkable", reason=reason)
    if (
        control.receive() is None
    ):  # otherwise it says that the other end now takes this for a worker
        sys.exit(EXIT_NOT_STARTED)
    try:
        offer = ChannelOffer(control, data_fd, life_fd, config.channel, dump, CallLedger())
        channel = offer.accept()
    except ParentGoneError:
        sys.exit(EXIT_NOT_STARTED)
    silence_in_children(channel.descriptors())
    return channel
