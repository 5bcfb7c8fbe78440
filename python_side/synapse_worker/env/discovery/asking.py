"""Starts what may be an interpreter and waits for what it says: not for ever, and not longer than we live.

On Linux its group dies with us, by whatever death: it inherits the read end of a pipe of which only we hold the
write end, and the kernel kills the group when that closes. Unlike a tool of a build (`tools/tether.py`) it does
not wait until it is tied, which takes a shell and a millisecond: it changes nothing, and only one that hangs, and
whose asker dies within microseconds, is left.
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
    from collections.abc import Iterator, Sequence

_CAN_TIE = sys.platform.startswith("linux")


def ask_command(command: Sequence[str], timeout_s: float) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end; what a shim that gives no answer has started goes with it.

    Raises:
        subprocess.TimeoutExpired: it took too long.
        OSError: it cannot be started.
    """
    # A launcher of macOS would take it for its own name.
    environment = {
        name: value for name, value in os.environ.items() if name != "__PYVENV_LAUNCHER__"
    }
    with _life_line() as life:
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=life,
            start_new_session=True,
        )
        with process:
            try:
                _tie(process.pid, life)
                said, complained = process.communicate(timeout=timeout_s)
                _untie(life)
            except BaseException:
                # Once it has been reaped, which an interruption may follow, the number may be another's.
                if process.returncode is None:
                    os.killpg(process.pid, signal.SIGKILL)
                raise
    return subprocess.CompletedProcess(command, process.returncode, said, complained)


@contextlib.contextmanager
def _life_line() -> Iterator[tuple[int, ...]]:
    """Yield what a process inherits that is to die with us; nothing where there is no such tie."""
    if not _CAN_TIE:
        yield ()
        return
    with contextlib.ExitStack() as stack:
        for end in (ends := os.pipe()):
            stack.callback(os.close, end)
        yield ends[:1]


def _tie(group: int, life: tuple[int, ...]) -> None:
    for end in life:
        fcntl.fcntl(end, fcntl.F_SETOWN, -group)
        fcntl.fcntl(end, fcntl.F_SETSIG, signal.SIGKILL)  # type: ignore[attr-defined,unused-ignore]
        fcntl.fcntl(end, fcntl.F_SETFL, fcntl.fcntl(end, fcntl.F_GETFL) | os.O_ASYNC)


def _untie(life: tuple[int, ...]) -> None:
    """Let go of what a shim that has answered may have left running."""
    for end in life:
        fcntl.fcntl(end, fcntl.F_SETOWN, 0)
