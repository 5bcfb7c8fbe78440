"""`make test` runs the suites beside each other, shows them one by one, and finds what they leave behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPTS = Path(__file__).parents[2] / "scripts"
TIMEOUT_S = 60
# No suite outlives who runs it by much.
MORTAL = f"import signal; signal.alarm({TIMEOUT_S})\n"
# Where these tests run in the background some signals are ignored, and their children would ignore them, too.
HEARING = (
    "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL); signal.signal(signal.SIGTERM, signal.SIG_DFL)\n"
    "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
)


@contextmanager
def started(tmp_path: Path, first: str = "pass", **suites: str) -> Iterator[subprocess.Popen[str]]:
    """Run suites that are given as Python sources, with a temporary folder that is theirs; end what still runs."""
    commands = {
        name: ([sys.executable, "-c", MORTAL + source], str(tmp_path))
        for name, source in suites.items()
    }
    source = f"{HEARING}import run_suites as r; r.COMMANDS = {commands!r}\n{first}\nr.main()"
    with subprocess.Popen(
        [sys.executable, "-c", source, *suites],
        env={"PYTHONPATH": str(SCRIPTS), "TMPDIR": str(tmp_path), "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        # It and its suites, whatever they do: nothing that waits for another waits for ever.
        def end() -> None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

        watchdog = threading.Timer(TIMEOUT_S, end)
        watchdog.start()
        try:
            yield process
        finally:
            watchdog.cancel()
            end()


def run(tmp_path: Path, first: str = "pass", **suites: str) -> subprocess.CompletedProcess[str]:
    """Run such suites to their end."""
    with started(tmp_path, first, **suites) as process:
        stdout, stderr = process.communicate(timeout=TIMEOUT_S)
    return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)


def test_suites_run_at_the_same_time_and_are_shown_one_by_one(tmp_path: Path) -> None:
    first = (
        "import os; os.mkfifo('met'); print('one', flush=True); open('met').read(); print('two')"
    )
    second = "import os, time; print('three')\nwhile not os.path.exists('met'): time.sleep(0.01)\nopen('met', 'w').close()"
    done = run(tmp_path, pytest=first, jest=second)
    assert (done.returncode, done.stdout.split()) == (0, ["one", "two", "three"]), done.stderr


def test_what_a_suite_leaves_is_named_and_removed_and_fails_the_run(tmp_path: Path) -> None:
    leaves = "import tempfile; tempfile.mkdtemp(prefix='forgotten-')"
    done = run(tmp_path, pytest="", jest=leaves)
    assert done.returncode == 1
    assert "jest left in its temporary folder: forgotten-" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_suite_that_fails_fails_the_run_and_the_other_is_still_shown(tmp_path: Path) -> None:
    done = run(tmp_path, pytest="raise SystemExit(3)", jest="print('still shown')")
    assert (done.returncode, done.stdout) == (1, "still shown\n")
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_a_suite_leaves_fails_the_run_and_does_not_hold_it_up(
    tmp_path: Path,
) -> None:
    leaves = (
        "import subprocess, sys; left = subprocess.Popen([sys.executable, '-c', 'input()'], stdin=open('held'));"
        "print(left.pid, flush=True)"
    )
    os.mkfifo(tmp_path / "held")
    hold = os.open(tmp_path / "held", os.O_RDWR)
    try:
        done = run(tmp_path, pytest="", jest=leaves)
    finally:
        os.close(hold)
    assert (done.returncode, done.stdout.strip().isdigit()) == (1, True)
    assert "jest left a process that still holds its output" in done.stderr


def test_the_files_of_pytests_failed_tests_stay(tmp_path: Path) -> None:
    fails = "import os, tempfile; os.mkdir(tempfile.gettempdir() + '/pytest-of-me'); raise SystemExit(1)"
    done = run(tmp_path, pytest=fails)
    (folder,) = tmp_path.iterdir()
    assert done.returncode == 1
    assert [path.name for path in folder.iterdir()] == ["pytest-of-me"]
    assert f"files of pytest's failed tests: {folder}" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_who_is_told_to_end_ends_its_suites_and_removes_their_folders(
    tmp_path: Path, number: signal.Signals
) -> None:
    waits = "import signal; print('up', flush=True); signal.pause()"
    with started(tmp_path, pytest=waits, jest="import signal; signal.pause()") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(number)
        # The pipe closes when the last process has that held it: the suite is one of them.
        assert process.stdout.read() == ""
        assert process.wait(TIMEOUT_S) == 128 + number
    assert list(tmp_path.iterdir()) == []


def test_a_signal_that_comes_while_a_suite_is_started_ends_that_one_too(tmp_path: Path) -> None:
    first = (
        "import os, signal; popen = r.subprocess.Popen\n"
        "def interrupted(command, **options):\n"
        "    process = popen(command, **options)\n"
        "    if 'cwd' in options: os.kill(os.getpid(), signal.SIGTERM)\n"
        "    return process\n"
        "r.subprocess.Popen = interrupted"
    )
    waits = "import signal; signal.pause()"
    with started(tmp_path, first, pytest=waits) as process:
        assert process.wait(TIMEOUT_S) == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []


def test_suites_that_a_terminal_interrupts_as_well_end_by_themselves(tmp_path: Path) -> None:
    # Its last work takes longer than it takes to tell it to end.
    ends = (
        "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])\n"
        "try: print('up', flush=True); signal.pause()\n"
        "except KeyboardInterrupt: print('told to end:', signal.sigtimedwait([signal.SIGTERM], 1))"
    )
    with started(tmp_path, pytest=ends) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        os.killpg(process.pid, signal.SIGINT)
        assert process.stdout.read() == "told to end: None\n"
        assert process.wait(TIMEOUT_S) == 130
    assert list(tmp_path.iterdir()) == []


def test_a_suite_that_takes_too_long_is_named_and_ended_and_what_it_said_is_shown(
    tmp_path: Path,
) -> None:
    hangs = "import signal; print('last words', flush=True); signal.pause()"
    done = run(tmp_path, "r.LIMIT_S = 3", pytest="", jest=hangs)
    assert (done.returncode, done.stdout) == (1, "last words\n")
    assert "jest still runs after 3 s, and is ended" in done.stderr
    assert "pytest" not in done.stderr


def test_a_suite_that_is_ended_has_not_passed_and_leaves_no_process(tmp_path: Path) -> None:
    ends_well = (
        "import signal, subprocess, sys\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))\n"
        "deaf = 'import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); signal.pause()'\n"
        "left = subprocess.Popen([sys.executable, '-c', deaf], stdout=subprocess.PIPE)\n"
        "left.stdout.readline(); print(left.pid, flush=True); signal.pause()"
    )
    done = run(tmp_path, "r.LIMIT_S = 3", pytest=ends_well)
    assert (done.returncode, "pytest still runs" in done.stderr) == (1, True)
    deadline = time.monotonic() + TIMEOUT_S
    while lives(int(done.stdout)):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert list(tmp_path.iterdir()) == []


def lives(pid: int) -> bool:
    """Say whether this process runs; one that is only to be reaped does not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], check=False, capture_output=True)
    return bool(state.stdout) and not state.stdout.startswith(b"Z")
