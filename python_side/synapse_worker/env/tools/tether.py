"""Ties the process group of a tool to this process: when we go, by whatever death, the group goes too.

On Linux a life pipe does it: the tool inherits the read end, only we hold the write end, and the kernel
kills the group when that closes. The group has no number before the tool is there, so the tool waits
behind a gate until the tie holds: who dies before opening the gate closes it for good, and the tool never
starts. The gate is a shell; where the environment has names that a shell would lose, it is our Python if
that is still there, which takes longer to start. Elsewhere there is no such tie: orderly ends kill the group, and the inherited lock keeps the next
build waiting for a tool that was left behind.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SHELL = "/bin/sh"
# One line opens the gate; the end of the pipe says that nobody will. Then the shell becomes the tool.
_GATE = 'read -r _ || exit 1; exec "$@" </dev/null'
# What POSIX lets a shell forget otherwise, and dash does: `npm_config_@scope:registry`, `FOO.BAR`.
_SHELL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Python ignores two signals and may set LC_CTYPE (PEP 538): the tool is to have what we gave it.
_PYTHON_GATE = """
import os, signal, sys
if not os.read(0, 1):
    sys.exit(1)
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
with open("/proc/self/environ", "rb") as file:
    # One without a name cannot be handed on.
    given = dict(pair.split(b"=", 1) for pair in file.read().split(b"\\0") if pair.find(b"=") > 0)
for ignored in (signal.SIGPIPE, signal.SIGXFSZ):
    signal.signal(ignored, signal.SIG_DFL)
try:
    os.execvpe(sys.argv[1], sys.argv[1:], given)
except OSError as problem:
    print(f"{sys.argv[1]}: {problem.strerror}")
    sys.exit(127)
"""


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

    def command(self, command: Sequence[str], names: Iterable[str]) -> Sequence[str]:
        """Return what to start in place of a command, with variables of these names: it waits behind the gate."""
        if not self.inherited:
            return command
        is_safe = all(map(_SHELL_NAME.fullmatch, names))
        # An upgrade or a cleaning may have taken ours away: better a tool without some variables than none.
        if not is_safe and os.access(sys.executable or "", os.X_OK):
            return [sys.executable, "-I", "-S", "-c", _PYTHON_GATE, *command]
        return [_SHELL, "-c", _GATE, "sh", *command]

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
