"""The command that runs beside `synapse dev`: started once, ended with everything it has started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# How long each step of the ladder waits for the group to go: interrupt, terminate, kill.
GRACE_SECONDS = 3.0
_POLL_SECONDS = 0.02
_SIGNALLED = 128


class Companion:
    """A command in a process group of its own.

    `npm run …` is three processes deep, and a signal to the first leaves the others behind: the whole
    group is signalled. Ctrl-C reaches this process alone, which ends the command in turn.
    """

    def __init__(
        self, command: Sequence[str], environ: Mapping[str, str], *, stdout: int | None = None
    ) -> None:
        # A terminal belongs to this process; what reads its input to the end (Vite stops there)
        # gets an input that stays open instead.
        stdin = subprocess.PIPE if sys.stdin.isatty() else None
        self._process = subprocess.Popen(
            list(command), env=dict(environ), stdin=stdin, stdout=stdout, start_new_session=True
        )

    @property
    def exit_code(self) -> int | None:
        """As a shell reports it; None while the command runs."""
        status = self._process.poll()
        if status is None or status >= 0:
            return status
        return _SIGNALLED - status

    def end(self) -> None:
        """End the command and all of its group: interrupt, wait, terminate, wait, kill. Idempotent."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            if not self._signal(number):
                break
            if self._gone_within(GRACE_SECONDS):
                break
        self._process.wait()
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()

    def _gone_within(self, seconds: float) -> bool:
        give_up_at = time.monotonic() + seconds
        while time.monotonic() < give_up_at:
            self._process.poll()  # a zombie would keep its group in existence
            if not self._signal(0):
                return True
            time.sleep(_POLL_SECONDS)
        return False

    def _signal(self, number: int) -> bool:
        """Signal the group; return whether there still is one."""
        try:
            os.killpg(self._process.pid, number)
        except (ProcessLookupError, PermissionError):
            return False
        return True
