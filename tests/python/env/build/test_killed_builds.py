"""Builds that die: whatever the instant, nothing is left running and nothing bad is taken for good."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from synapse_worker.env import EnvironmentRequest, status_of, sync_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DEADLINE_S = 20.0


@pytest.fixture
def builder(installation: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Return a function that starts `synapse env sync` as Node does; ends what is left."""
    with contextlib.ExitStack() as stack:

        def start(directory: Path, *options: str, **environment: str) -> subprocess.Popen[str]:
            command = [sys.executable, "-m", "synapse_worker", "env", "sync", str(directory)]
            process = stack.enter_context(
                subprocess.Popen(
                    [*command, "--events", "--dialect", "raw", *options],
                    env={**os.environ, "PYTHONPATH": str(installation), **environment},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    preexec_fn=hear_interrupts,
                )
            )
            stack.callback(process.kill)
            return process

        yield start


def hear_interrupts() -> None:
    """Undo what a shell does to jobs in the background: they and their children ignore SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    """Say whether a process runs; a zombie nobody reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.mark.parametrize(
    ("backend", "step"),
    [
        ("uv", 1),
        pytest.param("virtualenv", 7, marks=[pytest.mark.slow, pytest.mark.network]),
    ],
)
def test_after_a_kill_at_any_event_the_next_build_is_good(
    builder: Callable[..., subprocess.Popen[str]],
    make_module: Callable[..., Path],
    require: Callable[..., None],
    backend: str,
    step: int,
    runtime_folder: Path,
) -> None:
    directory = make_module("tinyone<2")
    wanted = EnvironmentRequest(
        directory, backend=backend, dialect="raw", runtime_folder=runtime_folder  # type: ignore[arg-type]
    )  # fmt: skip
    events = 1
    finished = False
    while not finished:
        process = builder(directory, "--backend", backend, "--runtime", str(runtime_folder))
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(events)]
        finished = any('"ready"' in line for line in lines)
        assert finished or all(lines), "the build ended by itself"
        process.kill()
        process.wait()
        if not finished:
            assert not status_of(wanted).is_ready
        events += step
    assert events > 7
    sync_environment(wanted)
    python = directory / ".venv" / "bin" / "python"
    subprocess.run([python, "-I", "-c", "import tinyone, tinytwo, synapse_worker"], check=True)
    assert not [path for path in directory.iterdir() if path.name.startswith(".venv-")]


@pytest.fixture
def hanging_uv(tmp_path: Path) -> Path:
    """A uv whose every command starts a child and then waits for ever."""
    path = tmp_path / "tools" / "uv"
    path.parent.mkdir()
    path.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo "uv 9.0.0" && exit\n'
        f"sleep 1000 &\necho $$ $! > {tmp_path}/pids.new\nmv {tmp_path}/pids.new {tmp_path}/pids\nwait\n"
    )
    path.chmod(0o755)
    return path


@pytest.fixture
def hanging_build(
    builder: Callable[..., subprocess.Popen[str]],
    make_module: Callable[..., Path],
    hanging_uv: Path,
    tmp_path: Path,
) -> tuple[subprocess.Popen[str], list[int]]:
    """A build in the middle of its first tool, and the ids of the tool and of its child."""
    process = builder(make_module(), "--watch-stdin", SYNAPSE_UV=str(hanging_uv))
    wait_until(lambda: (tmp_path / "pids").exists())
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    assert all(map(is_alive, pids))
    return process, pids


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the life pipe is Linux's")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_tool_outlives_its_builder(
    hanging_build: tuple[subprocess.Popen[str], list[int]], how: signal.Signals
) -> None:
    process, pids = hanging_build
    process.send_signal(how)
    process.wait(DEADLINE_S)
    wait_until(lambda: not any(map(is_alive, pids)))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the life pipe is Linux's")
def test_the_reader_of_a_uv_lock_is_no_exception(
    builder: Callable[..., subprocess.Popen[str]],
    make_module: Callable[..., Path],
    hanging_uv: Path,
    tmp_path: Path,
) -> None:
    directory = make_module()
    (directory / "requirements.txt").unlink()
    (directory / "pyproject.toml").write_text('[project]\nname = "module"\nversion = "1"\n')
    (directory / "uv.lock").write_text("version = 1\n")
    process = builder(directory, SYNAPSE_UV=str(hanging_uv))
    wait_until(lambda: (tmp_path / "pids").exists())
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    process.kill()
    process.wait(DEADLINE_S)
    wait_until(lambda: not any(map(is_alive, pids)))


def test_the_build_and_its_tools_end_with_stdin(
    hanging_build: tuple[subprocess.Popen[str], list[int]], session_cache: Path
) -> None:
    process, pids = hanging_build
    scratch = session_cache / "tmp"
    used = len(list(scratch.iterdir()))
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(DEADLINE_S) == 1
    wait_until(lambda: not any(map(is_alive, pids)))
    assert len(list(scratch.iterdir())) == used - 1


def test_builders_that_start_together_build_once(
    builder: Callable[..., subprocess.Popen[str]], make_module: Callable[..., Path]
) -> None:
    directory = make_module("tinytwo")
    processes = [builder(directory, "--backend", "uv") for _ in range(3)]
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert sum('"phase": "create"' in output for output in outputs) == 1
    assert len({output.splitlines()[-1] for output in outputs}) == 1
