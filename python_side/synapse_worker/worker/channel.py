"""Agree with the parent where data travels: pipes it opens by number, or the socket on fd 3.

A pair of pipes is the fastest way to and from Node (1.25 against 2.9 times the raw limit for
its own stdio), but Node cannot create one. So the worker creates them and says their numbers;
the parent opens `/proc/<pid>/fd/<number>` where that exists, or answers that it cannot.
"""

from __future__ import annotations

import os

from synapse_worker.worker.private_descriptors import out_of_reach

TYPE_CHECKING = False  # importing typing costs 9 ms of a cold start
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from synapse_worker.worker.call_ledger import CallLedger
    from synapse_worker.worker.control import Control
    from synapse_worker.worker.stack_dump import StackDump

STDIN_FD = 0
STDOUT_FD = 1
DATA_FD = 3
CONTROL_FD = 4
LIFE_FD = 5


NOTHING_SHARED: Mapping[str, int] = {}


def make_shared() -> Mapping[str, int]:
    """Make memory for large segments that the parent can open by a descriptor, for either direction; return the numbers.

    It dies with those who hold it. Nothing where there is no such memory: on other systems, in a sandbox that forbids
    it, out of descriptors.
    """
    numbers: dict[str, int] = {}
    try:
        for name in ("shared_input", "shared_output"):
            numbers[name] = out_of_reach(os.memfd_create(f"synapse-{name}"))
    except (AttributeError, OSError):
        for fd in numbers.values():
            os.close(fd)
        return NOTHING_SHARED
    return numbers


class ParentGoneError(Exception):
    """The parent closed the control socket before it answered the offer."""


class Channel:
    """Where this worker reads and writes data, and where ids of cancelled calls come from."""

    __slots__ = (
        "_private_fds",
        "cancel_fd",
        "input_fd",
        "ledger",
        "output_fd",
        "shared_input_fd",
        "shared_output_fd",
        "take_cancels",
    )

    def __init__(
        self,
        input_fd: int,
        output_fd: int,
        cancel_fd: int,
        take_cancels: Callable[[], list[int]],
        private_fds: tuple[int, ...],
        ledger: CallLedger | None,
        shared: Mapping[str, int] = NOTHING_SHARED,
    ) -> None:
        self.input_fd = input_fd
        self.output_fd = output_fd
        self.cancel_fd = cancel_fd
        self.take_cancels = take_cancels
        self.ledger = ledger
        # Memory for large segments on their way in, and on their way out.
        self.shared_input_fd = shared.get("shared_input")
        self.shared_output_fd = shared.get("shared_output")
        self._private_fds = (*private_fds, *shared.values())

    def descriptors(self) -> tuple[int, ...]:
        """Every descriptor a forked child must not use."""
        return tuple({self.input_fd, self.output_fd, self.cancel_fd, *self._private_fds})


class ChannelOffer:
    """What a worker has for its parent to open, made and told; `accept` waits for the answer and picks the channel."""

    def __init__(
        self,
        control: Control,
        data_fd: int,
        life_fd: int,
        wanted: str,
        dump: StackDump,
        ledger: CallLedger | None,
    ) -> None:
        """Offer the ledger, which a raw script has not, and pipes where they are `wanted`, with shared memory for who has a ledger."""
        self._control = control
        self._dump = dump
        self._ledger = ledger
        self._data_fd = data_fd
        self._private_fds: tuple[int, ...] = (data_fd, control.fd, life_fd)
        self._wanted = wanted
        self._pipes: tuple[tuple[int, int], ...] = ()
        self._shared = NOTHING_SHARED
        if wanted == "auto":
            self._pipes = (os.pipe(), os.pipe(), os.pipe())
            dump.offer(control)
            if ledger is not None:
                self._shared = make_shared()
        if ledger is not None:
            ledger.offer(control)
        control.send("channel", pipes=self._numbers())

    def accept(self) -> Channel:
        """Return the agreed channel.

        Raises:
            ParentGoneError: the parent closed its end instead of answering.
        """
        answer: dict[str, object] = {}
        if self._pipes or self._ledger is not None:
            answer = self._answer()
        if self._ledger is not None:
            self._ledger.settle(opened=answer.get("ledger") is True)
        if self._wanted == "stdio":
            return self._over(STDIN_FD, STDOUT_FD)
        if not self._pipes:
            return self._over(self._data_fd, self._data_fd)
        # The parent holds its own ends by now; ours must go, or end of file never comes.
        (input_fd, parent_input), (parent_output, output_fd), (cancel_fd, parent_cancel) = (
            self._pipes
        )
        for fd in (parent_input, parent_output, parent_cancel):
            os.close(fd)
        self._private_fds += self._dump.settle(opened=answer.get("dump") is True)
        if answer["channel"] == "pipes":
            input_fd, output_fd, cancel_fd = map(out_of_reach, (input_fd, output_fd, cancel_fd))
            os.set_blocking(cancel_fd, False)
            take_ids = PipeOfIds(cancel_fd).take
            return Channel(
                input_fd,
                output_fd,
                cancel_fd,
                take_ids,
                self._private_fds,
                self._ledger,
                self._shared,
            )
        for fd in (input_fd, output_fd, cancel_fd, *self._shared.values()):
            os.close(fd)
        return self._over(self._data_fd, self._data_fd)

    def _numbers(self) -> dict[str, int] | None:
        if not self._pipes:
            return None
        (_, input_end), (output_end, _), (_, cancel_end) = self._pipes
        return {"input": input_end, "output": output_end, "cancel": cancel_end, **self._shared}

    def _answer(self) -> dict[str, object]:
        while (answer := self._control.receive()) is not None:
            if "channel" in answer:
                return answer
        raise ParentGoneError

    def _over(self, input_fd: int, output_fd: int) -> Channel:
        control = self._control
        os.set_blocking(control.fd, False)
        return Channel(
            input_fd, output_fd, control.fd, control.take_cancels, self._private_fds, self._ledger
        )


class PipeOfIds:
    """The cancel pipe: each id is a little-endian u64, written whole (it is below PIPE_BUF)."""

    ID_BYTES = 8
    READ_BYTES = 4096

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def take(self) -> list[int]:
        """Return the ids that have arrived, without waiting."""
        ids: list[int] = []
        while True:
            try:
                chunk = os.read(self._fd, self.READ_BYTES)
            except BlockingIOError:
                return ids
            ids.extend(
                int.from_bytes(chunk[at : at + self.ID_BYTES], "little")
                for at in range(0, len(chunk), self.ID_BYTES)
            )
            if len(chunk) < self.READ_BYTES:
                return ids
