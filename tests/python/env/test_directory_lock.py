"""The lock of a folder: one holder at a time, tools included; never stale, and its holder is named."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import pwd
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from synapse_worker.env.directory_lock import locked
from synapse_worker.env.errors import ModuleEnvironmentError
from synapse_worker.env.lock_holder import lock_holder
from synapse_worker.env.tools.toolrun import ToolRunner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

linux_only = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="who holds a lock is told by Linux's /proc"
)
HOLD = (
    "import fcntl, os, sys\n"
    "fd = os.open(sys.argv[1], os.O_RDONLY)\n"
    "fcntl.flock(fd, fcntl.LOCK_EX)\n"
    "print('held', flush=True)\n"
    "sys.stdin.read()\n"
)


@pytest.fixture
def hold() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Return a function that starts a process which holds a folder's lock; ends them all."""
    with contextlib.ExitStack() as stack:

        def start(directory: Path, user: int | None = None) -> subprocess.Popen[str]:
            command = [sys.executable if user is None else "/usr/bin/python3", "-c", HOLD]
            process = stack.enter_context(
                subprocess.Popen(
                    [*command, str(directory)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    user=user,
                )
            )
            stack.callback(process.kill)
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            return process

        yield start


def refused(directory: Path) -> tuple[ModuleEnvironmentError, list[str]]:
    waits: list[str] = []
    with (
        pytest.raises(ModuleEnvironmentError) as caught,
        locked(directory, timeout_s=0.2, on_wait=waits.append),
    ):
        pass
    return caught.value, waits


def test_a_second_holder_waits_and_is_told_in_the_end(tmp_path: Path) -> None:
    with (
        locked(tmp_path),
        pytest.raises(ModuleEnvironmentError) as caught,
        locked(tmp_path, timeout_s=0.0),
    ):
        pass
    assert (caught.value.code, caught.value.retryable) == ("ENVIRONMENT_LOCKED", True)
    with locked(tmp_path, timeout_s=0.0):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_tool_that_inherited_the_lock_keeps_it(tmp_path: Path) -> None:
    with locked(tmp_path) as descriptor:
        tool = subprocess.Popen(["sleep", "1000"], pass_fds=[descriptor])
    try:
        with pytest.raises(ModuleEnvironmentError), locked(tmp_path, timeout_s=0.0):
            pass
    finally:
        tool.kill()
        tool.wait()
    with locked(tmp_path, timeout_s=5.0):
        pass


def test_what_a_tool_leaves_running_for_itself_does_not_keep_it(tmp_path: Path) -> None:
    # As a compiler's server does, in a session of its own.
    server = "setsid sh -c 'echo $$ >pid.new; mv pid.new pid; exec sleep 1000' >&- 2>&- &"
    tool = ["/bin/sh", "-c", f"{server} until [ -e pid ]; do sleep 0.01; done"]
    runner = ToolRunner(cwd=tmp_path)
    try:
        with locked(tmp_path) as descriptor, runner.also_holding(descriptor):
            runner.run("A tool", tool, env=os.environ)
            with pytest.raises(ModuleEnvironmentError), locked(tmp_path, timeout_s=0.0):
                pass
        with locked(tmp_path, timeout_s=0.0):
            pass
    finally:
        os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)


@linux_only
def test_who_waits_is_told_for_whom(
    tmp_path: Path, hold: Callable[..., subprocess.Popen[str]]
) -> None:
    holder = hold(tmp_path)
    error, waits = refused(tmp_path)
    assert len(waits) == 1
    assert waits[0].startswith(f"process {holder.pid} ({sys.executable} -c import fcntl")
    assert f"by process {holder.pid} (" in error.message
    assert "no file to delete" in error.hint


@linux_only
def test_a_holder_that_is_stopped_is_said_to_be(
    tmp_path: Path, hold: Callable[..., subprocess.Popen[str]]
) -> None:
    holder = hold(tmp_path)
    holder.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, holder.pid, os.WSTOPPED | os.WNOWAIT)
    error, _ = refused(tmp_path)
    assert f"stopped: `kill -CONT {holder.pid}` lets it go on" in error.message
    # It can be killed as it is, and then the lock is free.
    holder.kill()
    holder.wait()
    with locked(tmp_path, timeout_s=0.0):
        pass


def test_the_lock_of_a_killed_process_is_free_at_once(
    tmp_path: Path, hold: Callable[..., subprocess.Popen[str]]
) -> None:
    holder = hold(tmp_path)
    holder.kill()
    holder.wait()
    # No wait at all: the kernel took it back with the process, so there is nothing to grow stale.
    with locked(tmp_path, timeout_s=0.0):
        pass
    assert list(tmp_path.iterdir()) == []


@linux_only
def test_a_tool_that_outlived_its_builder_is_named(tmp_path: Path) -> None:
    code = (
        "import fcntl, os, subprocess, sys\n"
        "fd = os.open(sys.argv[1], os.O_RDONLY)\n"
        "fcntl.flock(fd, fcntl.LOCK_EX)\n"
        "print(subprocess.Popen(['sleep', '1000'], pass_fds=[fd], stdout=2).pid)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path], stdout=subprocess.PIPE, text=True, check=True
    )
    tool = int(done.stdout)
    try:
        error, _ = refused(tmp_path)
        assert f"by process {tool} (sleep 1000)" in error.message
    finally:
        os.kill(tool, signal.SIGKILL)
    with locked(tmp_path, timeout_s=5.0):
        pass


@linux_only
@pytest.mark.skipif(
    os.geteuid() != 0 or not Path("/usr/bin/python3").exists(),
    reason="only root can be somebody else for a while, with a Python that anybody may run",
)
def test_a_lock_holds_across_users(hold: Callable[..., subprocess.Popen[str]]) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    directory = Path("/tmp") / f"synapse-lock-{os.getpid()}"  # a path that others may enter
    directory.mkdir(mode=0o755)
    try:
        holder = hold(directory, user=nobody)
        error, _ = refused(directory)
        assert f"by process {holder.pid} (/usr/bin/python3" in error.message
        holder.kill()
        holder.wait()
        with locked(directory, timeout_s=0.0):
            command = ["/usr/bin/python3", "-c", HOLD.replace("LOCK_EX", "LOCK_EX | fcntl.LOCK_NB")]
            done = subprocess.run(
                [*command, str(directory)], capture_output=True, text=True, user=nobody, check=False
            )
            assert "BlockingIOError" in done.stderr
    finally:
        directory.rmdir()


def test_a_folder_that_was_replaced_meanwhile_is_locked_where_it_stands_now(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "module"
    folder.mkdir()
    first = os.open(folder, os.O_RDONLY)
    fcntl.flock(first, fcntl.LOCK_EX)

    def replace_it(_who: str) -> None:
        folder.rename(tmp_path / "old")
        folder.mkdir()
        os.close(first)

    with locked(folder, timeout_s=5.0, on_wait=replace_it) as descriptor:
        assert os.path.samestat(os.fstat(descriptor), folder.stat())


def test_a_folder_that_went_away_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModuleEnvironmentError, match="moved or deleted"), locked(tmp_path / "gone"):
        pass


def test_where_folders_cannot_be_locked_a_file_in_the_cache_stands_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNAPSE_CACHE_DIR", str(tmp_path / "cache"))
    module = tmp_path / "module"
    module.mkdir()
    real = fcntl.flock

    def as_nfs_does(descriptor: int, operation: int) -> None:
        if os.path.isdir(f"/dev/fd/{descriptor}"):
            raise OSError(errno.EBADF, "Bad file descriptor")
        real(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", as_nfs_does)
    with locked(module):
        error, _ = refused(module)
        assert error.code == "ENVIRONMENT_LOCKED"
    with locked(module, timeout_s=0.0) as descriptor:
        holder = lock_holder(descriptor)
        assert holder is None or holder.pid == os.getpid()
    assert list(module.iterdir()) == []
