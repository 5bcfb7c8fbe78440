"""The display of a build, looked at in a real terminal: the raw bytes, at every width, till Ctrl-C."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker.cli.build_display import BuildDisplay, draws_lines
from synapse_worker.cli.terminal_line import TerminalLine

if TYPE_CHECKING:
    from collections.abc import Callable

CLEAR = "\r\x1b[2K"
SOURCE = Path(__file__).parents[3] / "python_side"
# A build that says a few things and then waits for what comes.
PROGRAM = """
import sys, time
from synapse_worker.cli.boundary import run_guarded
from synapse_worker.cli.output import Output

output = Output(as_json="--json" in sys.argv, debug=False)

def action():
    output.event({"event": "phase", "phase": "download", "message": "Fetching 12 packages", "module": "pricing"})
    for unit, done, total in (("packages", 3, 12), ("bytes", 7_900_000, 15_800_000)):
        output.event({"event": "progress", "phase": "download", "done": done, "total": total, "unit": unit, "package": "numpy"})
    output.event({"event": "warning", "message": "the lock is for another Python"})
    output.event({"event": "log", "line": "noise of a tool"})
    if "--wait" in sys.argv:
        time.sleep(60)
    output.result({"ready": True}, "Ready: .venv")
    return 0

sys.exit(run_guarded(action, output))
"""


class Terminal:
    """A program in a terminal of its own."""

    def __init__(self, *arguments: str, columns: int = 80, **environment: str | None) -> None:
        ours, theirs = pty.openpty()
        self.resize(columns, descriptor=ours)
        inherited = {**os.environ, "PYTHONPATH": str(SOURCE), "TERM": "xterm", "CI": ""}
        changed = {**inherited, **environment}
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments],
            env={name: value for name, value in changed.items() if value is not None},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            # Ctrl-C reaches only those whose terminal it is.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(theirs)
        self._ours = ours
        self.shown = ""
        self.code: int | None = None

    def resize(self, columns: int, *, descriptor: int | None = None) -> None:
        size = struct.pack("HHHH", 24, columns, 0, 0)
        fcntl.ioctl(self._ours if descriptor is None else descriptor, termios.TIOCSWINSZ, size)

    def press(self, keys: bytes) -> None:
        os.write(self._ours, keys)

    def read_until(self, is_there: Callable[[str], bool], *, timeout_s: float = 30.0) -> str:
        """Read until the text is there, or the program has ended."""
        deadline = time.monotonic() + timeout_s
        while not is_there(self.shown) and time.monotonic() < deadline:
            readable, _, _ = select.select([self._ours], [], [], 0.1)
            if not readable:
                continue
            try:
                chunk = os.read(self._ours, 65536)
            except OSError:  # the other end has gone
                break
            if not chunk:
                break
            self.shown += chunk.decode("utf-8")
        return self.shown

    def end(self) -> str:
        self.read_until(lambda _text: False)
        self.code = self.process.wait(timeout=10)
        os.close(self._ours)
        return self.shown


def drawn(shown: str) -> list[str]:
    return [part for part in shown.split(CLEAR) if part]


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
def test_a_terminal_gets_one_line_that_is_taken_away(columns: int) -> None:
    terminal = Terminal(columns=columns)
    shown = terminal.end()
    assert terminal.code == 0
    *lines, last = drawn(shown)
    # Nothing but our own clearing, no colours, and never a line as long as the terminal is wide.
    assert "\x1b" not in "".join((*lines, last))
    assert all(len(line.split("\r\n")[-1]) < columns for line in lines)
    assert any("Fetching 12" in line for line in lines)
    assert last.endswith("Python\r\nReady: .venv\r\n")


def test_a_warning_stays_above_the_line() -> None:
    shown = Terminal(columns=100).end()
    assert f"{CLEAR}synapse: warning: the lock is for another Python\r\n" in shown


def test_a_resized_terminal_is_drawn_for_as_it_is() -> None:
    terminal = Terminal("--wait", columns=120)
    terminal.read_until(lambda text: "numpy" in text)
    terminal.resize(36)
    before = len(terminal.shown)
    terminal.read_until(lambda text: len(drawn(text[before:])) > 3)
    terminal.press(b"\x03")
    shown = terminal.end()
    assert all(len(line) < 36 for line in drawn(shown[before:])[2:4])


def test_ctrl_c_leaves_a_clean_line() -> None:
    terminal = Terminal("--wait", columns=80)
    terminal.read_until(lambda text: "Fetching" in text)
    terminal.press(b"\x03")
    shown = terminal.end()
    assert terminal.code == 130
    assert shown.endswith(f"{CLEAR}synapse: interrupted\r\n")


def test_a_termination_ends_it_at_once() -> None:
    terminal = Terminal("--wait", columns=80)
    terminal.read_until(lambda text: "Fetching" in text)
    terminal.process.terminate()
    terminal.end()
    assert terminal.code == -signal.SIGTERM


@pytest.mark.parametrize(
    "environment", [{"TERM": "dumb"}, {"CI": "true"}, {"CI": "1", "NO_COLOR": "1"}]
)
def test_where_no_line_can_be_drawn_each_step_is_a_plain_line(environment: dict[str, str]) -> None:
    shown = Terminal(**environment).end()
    assert shown == (
        "synapse: pricing: Fetching 12 packages\r\n"
        "synapse: warning: the lock is for another Python\r\nReady: .venv\r\n"
    )


def test_no_color_changes_nothing_because_there_is_none() -> None:
    shown = Terminal(columns=80, NO_COLOR="1").end()
    assert "Fetching 12 packages" in shown
    assert "\x1b[3" not in shown


def test_json_is_all_that_is_said() -> None:
    assert Terminal("--json").end() == '{\r\n  "ready": true\r\n}\r\n'


def test_a_terminal_without_unicode_gets_ascii() -> None:
    environment: dict[str, Any] = {"PYTHONIOENCODING": "ascii:backslashreplace", "PYTHONUTF8": "0"}
    shown = Terminal("--wait", columns=100, **environment)
    text = shown.read_until(lambda text: "numpy" in text)
    shown.press(b"\x03")
    shown.end()
    assert "###" in text
    assert text.isascii()
    assert "\\u" not in text


class _Closed(io.StringIO):
    encoding = "utf-8"  # type: ignore[assignment]

    def isatty(self) -> bool:
        return True

    def write(self, _text: str) -> int:
        raise OSError(5, "Input/output error")


def test_a_terminal_that_has_gone_does_not_fail_the_build() -> None:
    display = BuildDisplay(TerminalLine(_Closed(), is_drawn=True), lambda _text: None)
    display.show({"event": "phase", "phase": "install", "message": "Installing"})
    display.end()


def test_phases_that_alternate_are_one_line_each_in_a_log() -> None:
    said: list[str] = []
    display = BuildDisplay(TerminalLine(io.StringIO(), is_drawn=False), said.append)
    for phase, message in (
        ("download", "Fetching"),
        ("build", "Building"),
        ("download", "Fetching"),
    ):
        display.show({"event": "phase", "phase": phase, "message": message})
    assert said == ["synapse: Fetching", "synapse: Building"]


@pytest.mark.parametrize(
    ("environment", "draws"),
    [
        ({}, True),
        ({"CI": ""}, True),
        ({"CI": "false"}, True),
        ({"CI": "1"}, False),
        ({"TERM": "dumb"}, False),
    ],
)
def test_ci_and_dumb_terminals_are_known(environment: dict[str, str], draws: bool) -> None:
    assert draws_lines(_Closed(), environment) is draws
    assert not draws_lines(io.StringIO(), environment)


@pytest.mark.parametrize("step", ["show", "end"])
def test_an_interrupt_at_any_moment_leaves_a_display_that_ends(step: str) -> None:
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("interrupt_the_display.py"), step],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 10
