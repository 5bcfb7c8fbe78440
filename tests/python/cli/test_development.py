"""The loop of `synapse dev`, with a generator that the test plays and real commands."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker.cli.companion import Companion
from synapse_worker.cli.development import Development
from synapse_worker.cli.diagnostics import Diagnostic, diagnose
from synapse_worker.cli.output import Output
from synapse_worker.protocol.errors import PythonError, SynapseError
from synapse_worker.schema.definitions import SchemaWarning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

DEADLINE_SECONDS = 20.0
# Ends when the file named by its first argument is there, with the code in it.
WAITER = """
import os, sys, time
while not os.path.exists(sys.argv[1]):
    time.sleep(0.01)
sys.exit(int(open(sys.argv[1]).read() or 0))
"""


def eventually(what: str, check: Callable[[], Any]) -> Any:
    end = time.monotonic() + DEADLINE_SECONDS
    while not (answer := check()):
        assert time.monotonic() < end, f"not in time: {what}"
        time.sleep(0.01)  # the bounded wait's pace; nothing depends on it
    return answer


@dataclass
class Made:
    path: Path
    changed: bool = True
    warnings: Sequence[SchemaWarning] = ()


@dataclass
class Generator:
    """Plays `generate_module`: fails while a module's source says so."""

    asked: list[str] = field(default_factory=list)

    def __call__(self, directory: Path) -> Made:
        self.asked.append(directory.name)
        text = (directory / "main.py").read_text()
        if "broken" in text:
            details = {"file": str(directory / "main.py"), "line": 1}
            raise SynapseError("SCHEMA_INVALID", "it is broken", details=details)
        warnings = (SchemaWarning("f()", "odd", str(directory / "main.py"), 1),)
        return Made(Path("out.ts"), "same" not in text, warnings if "odd" in text else ())


@pytest.fixture
def modules(tmp_path: Path) -> tuple[Path, Path]:
    folders = (tmp_path / "one", tmp_path / "two")
    for folder in folders:
        folder.mkdir()
        (folder / "main.py").write_text("good")
    return folders


@pytest.fixture
def start(
    tmp_path: Path, modules: tuple[Path, Path]
) -> Iterator[Callable[..., tuple[Generator, list[int]]]]:
    """Run the loop on a thread, with a command that ends when the test ends."""
    end_file = tmp_path / "end"
    threads: list[threading.Thread] = []

    def run(
        *, as_json: bool = False, command: Sequence[str] | None = None
    ) -> tuple[Generator, list[int]]:
        generator = Generator()
        codes: list[int] = []
        waiter = [sys.executable, "-c", WAITER, str(end_file)]
        loop = Development(
            modules, generator, command or waiter, Output(as_json=as_json, debug=False)
        )
        thread = threading.Thread(target=lambda: codes.append(loop.run()))
        thread.start()
        threads.append(thread)
        return generator, codes

    yield run
    if not end_file.exists():
        end_file.write_text("0")
    for folder in modules:
        (folder / "main.py").write_text("good, at last")
    for thread in threads:
        thread.join(DEADLINE_SECONDS)
        assert not thread.is_alive()


def test_each_module_is_refreshed_at_the_start_and_only_the_edited_one_later(
    start: Callable[..., Any], modules: tuple[Path, Path]
) -> None:
    generator, _ = start()
    eventually("both were refreshed", lambda: len(generator.asked) == 2)
    assert generator.asked == ["one", "two"]
    (modules[1] / "main.py").write_text("good and same")
    eventually("the edited one was", lambda: len(generator.asked) == 3)
    assert generator.asked[2:] == ["two"]


def test_the_exit_code_of_the_command_is_that_of_the_loop(
    start: Callable[..., Any], tmp_path: Path
) -> None:
    _, codes = start()
    (tmp_path / "end").write_text("7")
    assert eventually("the loop ends", lambda: codes) == [7]


def test_a_command_ended_by_a_signal_has_the_code_a_shell_gives_it(
    start: Callable[..., Any],
) -> None:
    kill_itself = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    _, codes = start(command=[sys.executable, "-c", kill_itself])
    assert eventually("the loop ends", lambda: codes) == [137]


def test_the_command_waits_until_every_module_is_good_and_knows_that_it_is_watched(
    start: Callable[..., Any], modules: tuple[Path, Path], tmp_path: Path
) -> None:
    (modules[0] / "main.py").write_text("broken")
    seen = tmp_path / "seen"
    look = f"import os; open({str(seen)!r}, 'w').write(os.environ.get('SYNAPSE_WATCH', ''))"
    generator, codes = start(command=[sys.executable, "-c", look])
    eventually("both were refreshed", lambda: len(generator.asked) == 2)
    assert not seen.exists()
    (modules[0] / "main.py").write_text("good again")
    assert eventually("the loop ends", lambda: codes) == [0]
    assert seen.read_text() == "1"


def test_a_failure_names_file_and_line_and_shows_the_line(
    start: Callable[..., Any],
    modules: tuple[Path, Path],
    capfd: pytest.CaptureFixture[str],
) -> None:
    (modules[0] / "main.py").write_text("broken = True\n")
    generator, _ = start()
    eventually("both were refreshed", lambda: len(generator.asked) == 2)
    said = ""

    def look() -> bool:
        nonlocal said
        said += capfd.readouterr().err
        return "✓ two" in said

    eventually("it was said", look)
    file = modules[0] / "main.py"
    assert f"{file}:1: it is broken\n     1 | broken = True\n" in said
    assert "✗ one: the last good client stays" in said
    (modules[0] / "main.py").write_text("good, odd")
    eventually("the mended one was said", lambda: look() and "✓ one: mended, out.ts" in said)
    assert f"{file}:1: warning: f(): odd\n     1 | good, odd\n" in said


def test_with_json_every_event_is_a_line(
    start: Callable[..., Any],
    modules: tuple[Path, Path],
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    (modules[1] / "main.py").write_text("broken")
    generator, _ = start(as_json=True)
    eventually("both were refreshed", lambda: len(generator.asked) == 2)
    said = ""

    def look() -> bool:
        nonlocal said
        said += capfd.readouterr().out
        return said.count("\n") == 2

    eventually("both were said", look)
    ready, failed = map(json.loads, said.splitlines())
    assert (ready["event"], ready["path"], ready["changed"]) == ("ready", "out.ts", True)
    assert (failed["event"], failed["line"], failed["message"]) == ("failed", 1, "it is broken")


def test_the_end_of_a_command_is_the_end_of_all_it_started(tmp_path: Path) -> None:
    """Also of those that do not listen to an interrupt."""
    pids = tmp_path / "pids"
    child = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); time.sleep(600)"
    parent = (
        "import os, subprocess, sys\n"
        f"child = subprocess.Popen([sys.executable, '-c', {child!r}])\n"
        f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}\\n')\n"
        "child.wait()\n"
    )
    companion = Companion([sys.executable, "-c", parent], os.environ)
    eventually("both run", lambda: pids.exists() and pids.read_text().endswith("\n"))
    started = [int(pid) for pid in pids.read_text().split()]
    companion.end()
    companion.end()
    assert companion.exit_code is not None
    for pid in started:
        assert not _runs(pid)


def _runs(pid: int) -> bool:
    with suppress(OSError):
        stat = Path(f"/proc/{pid}/stat").read_text()
        return stat.rpartition(")")[2].split()[0] not in ("Z", "X")
    return False


def test_the_input_of_a_command_in_a_terminal_stays_open(tmp_path: Path) -> None:
    """What reads its input to the end, as Vite does, must not find it at once."""
    master, slave = os.openpty()
    script = (
        "import os, sys, time\n"
        "from synapse_worker.cli.companion import Companion\n"
        "reads = 'import sys; sys.stdin.read(); print(\"ended\", flush=True)'\n"
        "companion = Companion([sys.executable, '-c', reads], os.environ)\n"
        "print('started', flush=True)\n"
        "sys.stdin.readline()\n"
        "print('code', companion.exit_code, flush=True)\n"
        "companion.end()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdin=slave, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    os.write(master, b"\n")
    assert process.stdout.readline() == "code None\n"
    process.wait(DEADLINE_SECONDS)
    process.stdout.close()
    os.close(master)
    os.close(slave)


def test_a_place_is_taken_from_the_traceback_where_the_details_have_none(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("a\nb\nc\n")
    traceback = (
        "Traceback (most recent call last):\n"
        f'  File "{tmp_path}/main.py", line 2, in <module>\n    import numpy\n'
        f'  File "{tmp_path}/.venv/lib/numpy.py", line 9, in <module>\n    raise ImportError\n'
        "ImportError: no\n"
    )
    cause = PythonError("PYTHON_EXCEPTION", "no", traceback=traceback)
    error = SynapseError("MODULE_START_FAILED", "main.py could not be started", cause=cause)
    found = diagnose(error, tmp_path)
    assert (found.file, found.line) == (str(tmp_path / "main.py"), 2)


def test_a_relative_file_is_one_of_the_module(tmp_path: Path) -> None:
    error = SynapseError("SCHEMA_INVALID", "no", details={"file": "main.py", "line": 3})
    assert diagnose(error, tmp_path).file == str(tmp_path / "main.py")


def test_the_place_is_said_once_and_the_hint_below(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("def broken(:\n")
    details = {"file": "main.py", "line": 1, "hint": "Mend it."}
    error = SynapseError("X", "invalid syntax (main.py, line 1)", details=details)
    assert diagnose(error, tmp_path).text() == (
        f"{tmp_path}/main.py:1: invalid syntax\n     1 | def broken(:\n       Mend it."
    )


def test_without_a_place_the_command_itself_speaks() -> None:
    assert Diagnostic("no network").text() == "synapse: no network"


def test_files_below_the_current_folder_are_named_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert Diagnostic("no", str(tmp_path / "a" / "main.py")).text() == "a/main.py: no"


def test_signals_are_what_the_ladder_is_made_of(monkeypatch: pytest.MonkeyPatch) -> None:
    # A command that ends at the first step costs no grace: here that would take ten minutes.
    monkeypatch.setattr("synapse_worker.cli.companion.GRACE_SECONDS", 600.0)
    companion = Companion([sys.executable, "-c", "import time; time.sleep(600)"], os.environ)
    ending = threading.Thread(target=companion.end, daemon=True)
    ending.start()
    ending.join(DEADLINE_SECONDS)
    assert not ending.is_alive()
    assert companion.exit_code in (128 + signal.SIGINT, 1)
