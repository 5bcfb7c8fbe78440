"""Workers without a parent and ended ones that nobody waits for, real and made up."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from synapse_worker.doctor.process_table import Process, process_table
from synapse_worker.doctor.processes import examine_processes, has_lost_parent, is_ours
from synapse_worker.doctor.request import DoctorRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

WORKER = ("/m/.venv/bin/python", "/m/x/synapse_worker/worker/launch.py", '{"directory": "/m"}')


def _process(
    pid: int, parent: int, *arguments: str, name: str = "python", state: str = "S"
) -> Process:
    return Process(pid, parent, state, name, arguments, 0)


@pytest.fixture
def stray(tmp_path: Path) -> Iterator[int]:
    """The id of a process started as a worker is, whose parent has ended."""
    script = tmp_path / "synapse_worker" / "worker" / "launch.py"
    script.parent.mkdir(parents=True)
    script.write_text("import os, sys, time\nos.write(1, b'up\\n')\ntime.sleep(60)\n")
    starter = (
        "import subprocess, sys; child = subprocess.Popen("
        "[sys.executable, *sys.argv[1:]], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL); "
        "child.stdout.readline(); print(child.pid)"
    )
    command = [sys.executable, "-c", starter, str(script), '{"directory": "/here"}']
    # In a session of its own, as a service's: a container's first process may be a Python, which could be its parent.
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, timeout=30, start_new_session=True
    )
    pid = int(done.stdout)
    yield pid
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def test_a_worker_whose_parent_has_gone_is_found_with_the_command_that_ends_it(
    found: Callable, stray: int
) -> None:
    seen = found(examine_processes(DoctorRequest()))
    ours = [one for one in seen.findings if one.details.get("pid") == stray]
    assert [(one.id, one.severity) for one in ours] == [("processes.stray", "warning")]
    assert 'A worker of "/here"' in ours[0].message
    assert ours[0].fix.startswith(f"kill {stray}")


def test_a_zombie_of_ours_is_found_with_its_parent(found: Callable, tmp_path: Path) -> None:
    script = tmp_path / "synapse_worker" / "worker" / "launch.py"
    script.parent.mkdir(parents=True)
    # A worker that has started a child, and never asks how it ended.
    script.write_text(
        "import os, time\npid = os.fork()\nif pid == 0: os._exit(0)\n"
        "os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)\nprint(pid, flush=True)\ntime.sleep(60)\n"
    )
    command = [sys.executable, str(script), "{}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        try:
            assert worker.stdout is not None
            assert select.select([worker.stdout], [], [], 30)[0]
            pid = int(worker.stdout.readline())
            seen = found(examine_processes(DoctorRequest()))
        finally:
            worker.kill()
    zombie = next(one for one in seen.findings if one.details.get("pid") == pid)
    assert (zombie.id, zombie.severity) == ("processes.zombie", "warning")
    assert zombie.details["parent"] == worker.pid


@pytest.mark.parametrize(
    ("process", "expected"),
    [
        (_process(9, 5, *WORKER), True),
        (
            _process(
                9, 5, "/p/python", "-I", "-c", "…", "/c", "env", "sync", "/m", "--watch-stdin"
            ),
            True,
        ),
        (_process(9, 5, "/p/python", "main.py"), False),
        (_process(9, 5, "vim", "x", "y", "z", "synapse_worker/worker/launch.py"), False),
        (_process(9, 5, state="Z"), False),
    ],
)
def test_ours_are_known_by_how_they_are_started(process: Process, expected: bool) -> None:
    assert is_ours(process) is expected


@pytest.mark.parametrize(
    ("parent", "expected"),
    [
        (_process(1, 0, "/sbin/init", name="systemd"), True),
        (_process(1, 0, "/usr/bin/tini", name="tini"), True),
        (_process(77, 1, "/lib/systemd/systemd", "--user", name="systemd"), True),
        (_process(1, 0, "node", "server.js", name="node"), False),
        (_process(1, 0, "python", "-m", "pytest", name="python3.12"), False),
        (_process(50, 1, "node", "server.js", name="node"), False),
        (_process(50, 1, "server", name="MainThread"), False),
        (replace(_process(50, 1, "reaper", name="reaper"), session=50), True),
        (replace(_process(50, 1, "server", name="server"), session=8), False),
    ],
)
def test_a_parent_is_gone_when_one_that_starts_no_workers_has_adopted_its_child(
    parent: Process, expected: bool
) -> None:
    worker = replace(_process(9, parent.pid, *WORKER), session=8)
    assert has_lost_parent(worker, {parent.pid: parent, 9: worker}) is expected


def test_the_table_is_read_from_proc(tmp_path: Path) -> None:
    (tmp_path / "12").mkdir()
    (tmp_path / "12" / "stat").write_text("12 (a (b) c) Z 7 12 11 0 -1\n")
    (tmp_path / "12" / "cmdline").write_bytes(b"a\0b c\0")
    (tmp_path / "13").mkdir()  # one that ends while it is looked at
    table = process_table(tmp_path)
    assert table == {12: Process(12, 7, "Z", "a (b) c", ("a", "b c"), os.getuid(), 11)}
    assert table[12].is_zombie


def test_the_table_is_read_from_ps_where_there_is_no_proc(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "ps"
    fake.write_text(
        "#!/bin/sh\necho '  12     7   501 S+   /p/python /x/launch.py {}'\necho '13 7 501 Z (python)'\n"
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    table = process_table(tmp_path / "none")
    assert table[12] == Process(12, 7, "S+", "python", ("/p/python", "/x/launch.py", "{}"), 501)
    assert table[13].is_zombie
