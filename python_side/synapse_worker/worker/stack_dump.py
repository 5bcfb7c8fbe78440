"""SIGUSR2 writes the stack of the thread that gets it, also while C code holds the interpreter.

Its own and no other's: to read the frames of a thread that runs meanwhile crashes the process, now and then.

They go to stderr, among everything else that is printed there, until the parent has opened the pipe
that is offered here: what it reads from that is stacks and nothing else.
"""

from __future__ import annotations

import faulthandler
import os

from synapse_worker.worker.plain_signal import signal
from synapse_worker.worker.private_descriptors import out_of_reach

TYPE_CHECKING = False  # importing typing costs 9 ms of a cold start
if TYPE_CHECKING:
    from synapse_worker.worker.control import Control

STDERR_FD = 2


class StackDump:
    """The answer to SIGUSR2, in this process."""

    def __init__(self) -> None:
        _write_to(STDERR_FD)
        self._pipe: tuple[int, int] | None = None

    def offer(self, control: Control) -> None:
        """Make a pipe and tell the parent the number of the end that it may open."""
        control.send("dump", fd=self.make_pipe())

    def make_pipe(self) -> int:
        """Make a pipe and return the number of the end that the parent may open."""
        reader, writer = map(out_of_reach, os.pipe())
        # The handler must not wait for anyone: what does not fit is lost.
        os.set_blocking(writer, False)
        self._pipe = reader, writer
        return reader

    def settle(self, *, opened: bool) -> tuple[int, ...]:
        """Write to the pipe from now on if the parent has `opened` it; return what forked children must not use."""
        if self._pipe is None:
            return ()
        reader, writer = self._pipe
        os.close(reader)
        if not opened:
            os.close(writer)
            return ()
        _write_to(writer)
        return (writer,)


def _write_to(fd: int) -> None:
    faulthandler.register(signal.SIGUSR2, file=fd, all_threads=False)
    # It asks for system calls to be restarted. A cancel whose signal came while stacks were being written
    # would then go unnoticed for as long as such a call waits.
    signal.siginterrupt(signal.SIGUSR2, True)
