"""A worker's process tells nobody of its end before it is told to."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from synapse_worker.supervisor.launch_spec import LaunchSpec
from synapse_worker.supervisor.process import WorkerProcess

if TYPE_CHECKING:
    from pathlib import Path

TRUE = "/bin/true"


def test_an_end_that_comes_at_once_waits_for_who_hears_of_it(tmp_path: Path) -> None:
    heard: list[int] = []
    told = threading.Event()

    def on_exit(status: int) -> None:
        heard.append(status)
        told.set()

    process = WorkerProcess(LaunchSpec(TRUE, str(tmp_path)), on_exit)
    try:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and is not reaped
        assert process.exit_status is None
        assert heard == []
        process.watch()
        assert told.wait(10)
        assert heard == [0]
    finally:
        for fd in {*process.data_fds, process.control_fd, *process.log_fds}:
            with suppress(OSError):
                os.close(fd)
