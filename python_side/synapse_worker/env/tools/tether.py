"""Ties the process group of a tool to this process: when we go, by whatever death, the group goes too.

On Linux a life pipe does it: the tool inherits the read end, only we hold the write end, and the kernel
kills the group when that closes. The group has no number before the tool is there, so the tool waits
behind a gate until the tie holds: who dies before opening the gate closes it for good, and the tool never
starts. Elsewhere there is no such tie: orderly ends kill the group, and the inherited lock keeps the next
build waiting for a tool that was left behind.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHELL = "/bin/sh"
# One line opens the gate; the end of the pipe says that nobody will. Then the shell becomes the tool.
_GATE = 'read -r _ || exit 1; exec "$@" </dev/null'


class Tether:
    """The tie of one tool; to be closed once the tool has been reaped."""

    def __init__(self) -> None:
        self._ours = contextlib.ExitStack()
        self._theirs = contextlib.ExitStack()
        # The tool's stdin, and the descriptors that it is to inherit.
        self.stdin = subprocess.DEVNULL
        self.inherited: tuple[int, ...] = ()
        if sys.platform.startswith("linux") and os.path.exists(_SHELL):
            self.inherited = (self._pipe()[0],)
            self.stdin, self._gate = self._pipe()

    def command(self, command: Sequence[str]) -> Sequence[str]:
        """Return what to start in place of a command: it waits behind the gate."""
        return [_SHELL, "-c", _GATE, "sh", *command] if self.inherited else command

    def hold(self, group: int) -> None:
        """Tie the group of the tool that was started, and let it begin."""
        for life in self.inherited:
            fcntl.fcntl(life, fcntl.F_SETOWN, -group)
            fcntl.fcntl(life, fcntl.F_SETSIG, signal.SIGKILL)  # type: ignore[attr-defined,unused-ignore]
            fcntl.fcntl(life, fcntl.F_SETFL, fcntl.fcntl(life, fcntl.F_GETFL) | os.O_ASYNC)
            os.write(self._gate, b"\n")
        self._theirs.close()

    def close(self) -> None:
        """Let go."""
        self._theirs.close()
        self._ours.close()

    def _pipe(self) -> tuple[int, int]:
        read, write = os.pipe()
        self._theirs.callback(os.close, read)
        self._ours.callback(os.close, write)
        return read, write
