"""From a fork of the zygote to a worker: a process group, pipes of its own, then the other half of its life.

The child makes its pipes itself, so that neither the zygote nor a sibling ever holds an end of them, and
tells the parent their numbers; the parent opens its ends through `/proc/<pid>/fd`.
"""

from __future__ import annotations

import os
import select
import sys

from synapse_worker.worker.call_ledger import CallLedger
from synapse_worker.worker.channel import Channel, PipeOfIds, make_shared
from synapse_worker.worker.control import Control
from synapse_worker.worker.forked import silence_in_children
from synapse_worker.worker.life import guard
from synapse_worker.worker.private_descriptors import out_of_reach
from synapse_worker.worker.stack_dump import StackDump

TYPE_CHECKING = False  # importing typing costs 9 ms of a cold start

STDOUT_FD = 1
STDERR_FD = 2
EXIT_ALONE = 1

# What the worker reads, and what it writes.
READ = ("input", "cancel", "control_input", "life")
WRITTEN = ("output", "control_output", "stdout", "stderr")


class WorkerPipes:
    """The pipes of a worker, both ends, until the parent has opened its own."""

    def __init__(self) -> None:
        self.own: dict[str, int] = {}
        self._parents: dict[str, int] = {}
        for name in READ:
            self.own[name], self._parents[name] = os.pipe()
        for name in WRITTEN:
            self._parents[name], self.own[name] = os.pipe()

    @property
    def numbers(self) -> dict[str, int]:
        """The numbers of the parent's ends."""
        return self._parents

    def settle(self) -> None:
        """Close the parent's ends, which it holds itself by now, and put the own ones out of reach."""
        for fd in self._parents.values():
            os.close(fd)
        self.own = {name: out_of_reach(fd) for name, fd in self.own.items()}


def become_worker(
    request: int, zygote: Control, zygote_life_fd: int, inherited: tuple[int, ...]
) -> tuple[Channel, Control]:
    """Make this fork a worker; return its channels. It ends here if the parent has gone.

    `inherited` are the descriptors of the zygote that are none of the worker's business.
    """
    os.setpgid(0, 0)
    pipes = WorkerPipes()
    for name, fd in (("stdout", STDOUT_FD), ("stderr", STDERR_FD)):
        os.dup2(pipes.own[name], fd)
    dump = StackDump()
    ledger = CallLedger()
    shared = make_shared()
    numbers = {**pipes.numbers, "dump": dump.make_pipe(), "ledger": ledger.share(), **shared}
    zygote.send("forked", request=request, pid=os.getpid(), fds=numbers)
    control = Control(pipes.own["control_input"], pipes.own["control_output"])
    answer = _await_answer(control, zygote_life_fd)
    for fd in {zygote.fd, zygote_life_fd, *inherited}:
        os.close(fd)
    pipes.settle()
    ledger.settle(opened=answer.get("ledger") is True)
    own = pipes.own
    control.fd, control.output_fd = own["control_input"], own["control_output"]
    os.close(own.pop("stdout"))
    os.close(own.pop("stderr"))
    guard(own["life"])
    for name in ("cancel", "control_input"):
        os.set_blocking(own[name], False)
    dump_fds = dump.settle(opened=answer.get("dump") is True)
    private = (own["control_input"], own["control_output"], own["life"], *dump_fds)
    take_ids = PipeOfIds(own["cancel"]).take
    channel = Channel(own["input"], own["output"], own["cancel"], take_ids, private, ledger, shared)
    silence_in_children(channel.descriptors())
    return channel, control


def reseed() -> None:
    """Have random numbers differ from worker to worker; the standard library sees to its own."""
    random = sys.modules.get("numpy.random")
    if random is not None:
        random.seed()


def _await_answer(control: Control, zygote_life_fd: int) -> dict[str, object]:
    # Our own copy of the parent's end keeps the pipe open: only the zygote's life shows that it has gone.
    poller = select.poll()
    for fd in (control.fd, zygote_life_fd):
        poller.register(fd, select.POLLIN)
    ready = [fd for fd, _ in poller.poll()]
    answer = control.receive() if control.fd in ready else None
    if answer is None:
        os._exit(EXIT_ALONE)
    return answer
