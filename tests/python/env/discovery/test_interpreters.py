"""Finding the Python that an environment is built from."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from synapse_worker.env.discovery.interpreters import Interpreter, find_interpreter, misfit
from synapse_worker.env.discovery.request import parse_request
from synapse_worker.env.errors import ModuleEnvironmentError

from .fake_pythons import fake_python

# Request → whether it is a command, a path or a folder: the wings read it alike.
VECTORS: dict[str, bool] = json.loads(
    (Path(__file__).parents[3] / "vectors" / "python_requests.json").read_text()
)


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH, a pyenv and a home with nothing in them."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, value in {"PATH": folder, "HOME": tmp_path, "PYENV_ROOT": tmp_path / "pyenv"}.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.delenv("UV_PYTHON_INSTALL_DIR", raising=False)
    return folder


def test_without_a_request_the_base_of_the_running_interpreter_is_taken() -> None:
    found = find_interpreter(None)
    assert found.version == sys.version_info[:3]
    assert found.path == Path(os.path.realpath(sys.base_prefix), "bin", found.path.name)


def test_the_python_of_a_venv_resolves_to_its_base() -> None:
    assert find_interpreter(sys.executable).path == find_interpreter(None).path


def test_a_shim_is_resolved_to_the_interpreter_behind_it(commands: Path) -> None:
    shim = commands / "python3.11"
    shim.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    shim.chmod(0o755)
    assert find_interpreter(str(shim)).path == find_interpreter(None).path


def test_a_version_is_found_by_its_command(commands: Path) -> None:
    path = fake_python(commands, "python3.77", [3, 77, 1])
    assert find_interpreter("3.77") == Interpreter(path, (3, 77, 1))


def test_a_version_that_only_pyenv_lists_is_found(commands: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pyenv" / "versions" / "3.77.2" / "bin"
    folder.mkdir(parents=True)
    fake_python(commands, "python3.77", None)
    path = fake_python(folder, "python3", [3, 77, 2])
    assert find_interpreter("3.77").path == path


def test_a_patch_version_must_match_exactly(commands: Path) -> None:
    fake_python(commands, "python3.77", [3, 77, 1])
    with pytest.raises(ModuleEnvironmentError) as caught:
        find_interpreter("3.77.2")
    assert caught.value.code == "PYTHON_NOT_FOUND"
    row = [str(commands / "python3.77"), "PATH", "3.77.1", "not", "3.77.2"]
    assert row in [line.split() for line in caught.value.lines]


def test_an_interpreter_that_is_too_old_is_refused_with_what_was_found(commands: Path) -> None:
    path = fake_python(commands, "python3.9", [3, 9, 18])
    with pytest.raises(ModuleEnvironmentError) as caught:
        find_interpreter(str(path))
    assert caught.value.code == "PYTHON_UNSUPPORTED"
    assert caught.value.lines == (f"{path}  request  3.9.18  too old: Synapse needs 3.10 or newer",)
    assert "3.10 or newer" in str(caught.value)


def test_a_command_that_is_no_python_is_not_found_but_named(commands: Path) -> None:
    path = fake_python(commands, "snake", None)
    with pytest.raises(ModuleEnvironmentError) as caught:
        find_interpreter("snake")
    assert caught.value.code == "PYTHON_NOT_FOUND"
    assert path.name in caught.value.lines[0]


@pytest.mark.parametrize("noise", ["echo Using Python 3.77", "echo; echo '[1, 2'; echo done >&2"])
def test_a_python_whose_start_prints_something_is_understood(commands: Path, noise: str) -> None:
    path = fake_python(commands, "python3.77", [3, 77, 1], runs=noise)
    assert find_interpreter("3.77") == Interpreter(path, (3, 77, 1))


@pytest.mark.parametrize(
    ("runs", "reason"),
    [
        ("echo Choose a version first; exit 0", "it printed: Choose a version first"),
        ("exit 3", "exit code 3"),
        ("echo 3.77 is not installed >&2; exit 1", "3.77 is not installed"),
        (r"printf '\001\033[31mred'; exit 0", "it printed: [31mred"),
        ("echo '{}'; exit 0", "it printed: {}"),
        (f"{sys.executable} -c 'print(\"[\" * 100000)'; exit 0", "it printed: [[["),
    ],
)
def test_what_gives_no_answer_is_quoted(commands: Path, runs: str, reason: str) -> None:
    path = fake_python(commands, "snake", [3, 77, 1], runs=runs)
    with pytest.raises(ModuleEnvironmentError) as caught:
        find_interpreter(str(path))
    assert f"does not run as Python 3 ({reason}" in caught.value.lines[0]


def test_what_a_hanging_shim_has_started_ends_with_it(
    commands: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Long enough for a shell to start a program, on a busy machine as well.
    monkeypatch.setattr("synapse_worker.env.discovery.interpreter._PROBE_TIMEOUT_S", 2.0)
    path = commands / "hanging"
    path.write_text(f"#!/bin/sh\n/bin/sleep 98765 &\necho $! >{tmp_path}/child\nwait\n")
    path.chmod(0o755)
    with pytest.raises(ModuleEnvironmentError) as caught:
        find_interpreter("hanging")
    assert "gave no answer" in caught.value.lines[0]
    await_end(int((tmp_path / "child").read_text()))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux ties groups")
def test_one_that_hangs_ends_with_who_asked_it_by_whatever_death(
    commands: Path, tmp_path: Path, installation: Path
) -> None:
    os.mkfifo(tmp_path / "child")
    path = commands / "hanging"
    path.write_text(f"#!/bin/sh\n/bin/sleep 98765 &\necho $$ $! >{tmp_path}/child\nwait\n")
    path.chmod(0o755)
    asks = f"from synapse_worker.env.discovery.interpreter import probe; probe([{str(path)!r}])"
    child = os.open(tmp_path / "child", os.O_RDWR)
    try:
        with subprocess.Popen(
            [sys.executable, "-c", asks], env={**os.environ, "PYTHONPATH": str(installation)}
        ) as asker:
            try:
                assert select.select([child], [], [], 20)[0], "it was not asked"
                started = [int(word) for word in os.read(child, 100).split()]
                deadline = time.monotonic() + 10
                while not is_tied(asker.pid):
                    assert time.monotonic() < deadline
                    time.sleep(0.01)
            finally:
                asker.kill()
    finally:
        os.close(child)
    for process in started:
        await_end(process)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux ties groups")
def test_what_a_shim_that_answers_leaves_running_is_let_be(commands: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "go")
    os.mkfifo(tmp_path / "said")
    leaves = f"( read word <{tmp_path}/go; echo $word >{tmp_path}/said ) >/dev/null 2>&1 &"
    path = fake_python(commands, "leaving", [3, 77, 1], runs=leaves)
    said = os.open(tmp_path / "said", os.O_RDWR)
    go = os.open(tmp_path / "go", os.O_RDWR)
    try:
        assert find_interpreter(str(path)).version == (3, 77, 1)
        os.write(go, b"alive\n")
        assert select.select([said], [], [], 10)[0], "it was killed"
        assert os.read(said, 100) == b"alive\n"
    finally:
        os.close(said)
        os.close(go)


def is_tied(asker: int) -> bool:
    """Say whether some pipe of a process signals (O_ASYNC)."""
    return any(map(_signals, Path(f"/proc/{asker}/fdinfo").iterdir()))


def _signals(info: Path) -> bool:
    """Say whether a descriptor signals; one that was closed meanwhile does not."""
    try:
        said = info.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return bool(int(said.split("flags:")[1].split()[0], 8) & os.O_ASYNC)


def await_end(process: int) -> None:
    deadline = time.monotonic() + 10
    while is_running(process):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def is_running(process: int) -> bool:
    """Say whether a process runs: one that nobody reaped has ended."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def test_the_environment_variable_counts_where_nothing_is_asked_for(
    commands: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = fake_python(commands, "mine", [3, 77, 0])
    monkeypatch.setenv("SYNAPSE_PYTHON", str(path))
    assert find_interpreter(None).path == path
    assert find_interpreter(sys.executable).version == sys.version_info[:3]


@pytest.mark.parametrize("request_text", ["^3.12", ">=3.11 <3.13", "3.12.x", ">=three", "~=3"])
def test_what_is_no_range_is_a_configuration_error_that_says_what_to_give(
    request_text: str,
) -> None:
    with pytest.raises(ModuleEnvironmentError) as caught:
        find_interpreter(request_text)
    assert caught.value.code == "INVALID_CONFIG"
    assert '"3.12"' in caught.value.hint


@pytest.mark.parametrize(
    ("request_text", "is_wanted"),
    [(None, True), ("3.11", True), ("3", True), ("3.1", False), ("3.12", False), ("./py", True)],
)
def test_a_request_is_compared_by_whole_numbers(
    request_text: str | None, is_wanted: bool, tmp_path: Path
) -> None:
    assert (misfit((3, 11, 7), request_text, None, tmp_path) is None) is is_wanted


def test_a_path_in_the_home_folder_is_a_request_and_no_range(
    commands: Path, tmp_path: Path
) -> None:
    path = fake_python(tmp_path / "mine", "python", [3, 12, 1])
    assert find_interpreter("~/mine/python").path == path
    newer = fake_python(commands, "python3.77", [3, 77, 1])
    fake_python(commands, "python3", [3, 76, 1])
    fake_python(commands, "python", [3, 77, 1]).rename(commands / "python3.14")
    assert find_interpreter("~=3.77").path.parent == newer.parent


@pytest.mark.parametrize(("asked", "is_place"), VECTORS.items())
def test_a_request_is_a_place_in_both_wings_or_in_none(asked: str, is_place: bool) -> None:
    assert (parse_request(asked).kind == "command") is is_place
