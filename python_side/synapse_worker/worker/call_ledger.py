"""Which calls this worker has begun, and which its client has taken back, in memory that both see.

The id of each call is written as the last thing before its code can run. So the client can tell what
certainly never began: after any death, and while C code holds the interpreter and nothing is answered.
Implements "The ledger" of `docs/protocol.md`, where it is reasoned why no call runs twice.
"""

from __future__ import annotations

import mmap
import os

from synapse_worker.worker.private_descriptors import out_of_reach

TYPE_CHECKING = False  # importing typing costs 9 ms of a cold start
if TYPE_CHECKING:
    from synapse_worker.worker.control import Control

WORD_BYTES = 8
# Word 0 is the last id that was begun, word 1 the highest that was taken back; then come the ids that were.
FIRST_SLOT = 2
SLOTS = 512
LEDGER_BYTES = (FIRST_SLOT + SLOTS) * WORD_BYTES


class CallLedger:
    """The words of one worker; its own business until they are shared.

    Whoever begins a call does it in this order: `words[0] = call_id`, then ask `words[1]`, and where that
    is not lower `is_recalled`. Both are one aligned move of the processor, never half done.
    """

    __slots__ = ("_fd", "is_read", "words")

    def __init__(self) -> None:
        self.words = memoryview(bytearray(LEDGER_BYTES)).cast("Q")
        self._fd: int | None = None
        # Whether the client reads it. Where it does not, it takes what is not answered for not ended, and what is behind
        # a call that is stuck for not begun: so every answer leaves before the next call begins.
        self.is_read = False

    def offer(self, control: Control) -> None:
        """Share the words and tell the parent where, if that can be done here."""
        fd = self.share()
        if fd is not None:
            control.send("ledger", fd=fd)

    def share(self) -> int | None:
        """Put the words into memory that the parent can open by a descriptor; return its number.

        It dies with those who hold it, so nothing is left of it after any crash. None where there is
        no such memory: on other systems, in a sandbox that forbids it, out of descriptors.
        """
        try:
            fd = out_of_reach(os.memfd_create("synapse-ledger"))
        except (AttributeError, OSError):
            return None
        try:
            os.ftruncate(fd, LEDGER_BYTES)
            self.words = memoryview(mmap.mmap(fd, LEDGER_BYTES)).cast("Q")
        except OSError:
            os.close(fd)
            return None
        self._fd = fd
        return fd

    def settle(self, *, opened: bool) -> None:
        """Close the descriptor: the parent has `opened` the memory, or never will. `mmap` keeps one of its own."""
        self.is_read = opened
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def is_recalled(self, call_id: int) -> bool:
        """Whether the client has taken this call back, so that it must not begin here."""
        return self.words[FIRST_SLOT + call_id % SLOTS] == call_id
