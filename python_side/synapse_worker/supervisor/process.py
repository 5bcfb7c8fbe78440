"""A worker's process: spawned in its own group with five descriptors, watched, ended, reaped."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import threading
from typing import TYPE_CHECKING

from synapse_worker.protocol.errors import SynapseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.supervisor.launch_spec import LaunchSpec

# Above every number the child uses, so that placing one descriptor cannot overwrite another.
FIRST_SAFE_FD = 10


class WorkerProcess:
    """The child and our ends of its descriptors: logs, data, control and life."""

    def __init__(self, spec: LaunchSpec, on_exit: Callable[[int], None]) -> None:
        """Start the child; `on_exit(status)` is called from a thread once it and its group have gone."""
        self.exit_status: int | None = None
        self.exited = threading.Event()
        self._on_exit = on_exit
        data, child_data = socket.socketpair()
        control, child_control = socket.socketpair()
        self._life, child_life = socket.socketpair()
        log, child_log = os.pipe()
        errors, child_errors = os.pipe()
        null = os.open(os.devnull, os.O_RDONLY)
        child_input, child_output = null, child_log
        child_ends = [null, child_log, child_errors]
        if spec.channel == "stdio":
            child_input, to_child = os.pipe()
            from_child, child_output = os.pipe()
            child_ends += [child_input, child_output]
            self.data_fds = (from_child, to_child)
            data.close()
        else:
            data_fd = data.detach()
            self.data_fds = (data_fd, data_fd)
        self.control_fd = control.detach()
        self.log_fds = (log, errors)
        places = (
            child_input,
            child_output,
            child_errors,
            child_data.fileno(),
            child_control.fileno(),
            child_life.fileno(),
        )
        try:
            self.pid = _spawn(spec, places)
        finally:
            for fd in child_ends:
                os.close(fd)
            for end in (child_data, child_control, child_life):
                end.close()

    def watch(self) -> None:
        """Begin to wait for its end: once whoever hears of that can look at what it has left."""
        threading.Thread(target=self._wait, name="synapse-wait", daemon=True).start()

    def signal(self, number: int) -> None:
        """Send a signal to the worker, unless it has gone."""
        if not self.exited.is_set():
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return

    def kill(self) -> None:
        """Kill the worker and everything in its group."""
        if not self.exited.is_set():
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                return

    def wait(self, timeout_seconds: float) -> bool:
        """Wait until the process has gone; return whether it has."""
        return self.exited.wait(timeout_seconds)

    def _wait(self) -> None:
        # Look without reaping, so that the number still is this process's while its group is killed:
        # a group that outlives its leader still carries it.
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        self.kill()
        _, status = os.waitpid(self.pid, 0)
        self.exit_status = os.waitstatus_to_exitcode(status)
        self._life.close()  # before anyone is told, or they find it still open
        self.exited.set()
        self._on_exit(self.exit_status)


def exit_error(entrypoint: str, status: int | None, stderr: str) -> SynapseError:
    """Return what became of calls whose worker ended with this status, and these last words."""
    how = f"was killed by signal {-status}" if status and status < 0 else f"exited with {status}"
    return SynapseError(
        "WORKER_EXITED",
        f"The worker of {entrypoint} {how}." + (f" Its last words:\n{stderr}" if stderr else ""),
        details={"exit_status": status, "stderr": stderr},
    )


def _spawn(spec: LaunchSpec, places: tuple[int, ...]) -> int:
    safe = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, FIRST_SAFE_FD) for fd in places]
    try:
        command = spec.command()
        environ = os.environ if spec.environ is None else spec.environ
        actions = [(os.POSIX_SPAWN_DUP2, fd, place) for place, fd in enumerate(safe)]
        return os.posix_spawn(
            spec.python,
            command,
            environ,
            file_actions=actions,
            setpgroup=0,  # not a session of its own: see synapse_worker.worker.launch
            setsigdef=[signal.SIGPIPE],
        )
    finally:
        for fd in safe:
            os.close(fd)
