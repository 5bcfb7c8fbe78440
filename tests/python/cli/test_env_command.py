"""`synapse env` for people, for programs, and for Node."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from synapse_worker.env.backends.uv import find_uv
from synapse_worker.env.runtime import load_runtime
from synapse_worker.env.wheel import unpack_wheel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Synapse = Callable[..., subprocess.CompletedProcess[str]]

OPTIONS = ("--backend", "uv", "--dialect", "raw")


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """A module that needs nothing."""
    (tmp_path / "main.py").write_text("")
    return tmp_path


def test_status_explains_and_sync_makes_ready(synapse: Synapse, module: Path) -> None:
    before = synapse("env", "status", module, "--dialect", "raw")
    assert before.returncode == 1
    assert before.stdout == (
        f"Not ready.\n  There is no environment yet.\n`synapse env sync {module}` makes it ready.\n"
    )
    done = synapse("env", "sync", module, *OPTIONS)
    assert (done.returncode, done.stdout) == (
        0,
        f"Ready: {module}/.venv (Python {sys.version.split()[0]})\n",
    )
    after = synapse("env", "status", module, "--dialect", "raw")
    assert (after.returncode, after.stdout) == (0, "Ready.\n")


def test_json_carries_reasons_and_the_marker(synapse: Synapse, module: Path) -> None:
    status = json.loads(synapse("env", "status", module, "--json").stdout)
    assert status == {
        "ready": False,
        "reasons": [{"aspect": "missing", "message": "There is no environment yet."}],
        "marker": None,
    }
    done = synapse("env", "sync", module, *OPTIONS, "--json")
    assert done.stderr == ""
    assert json.loads(done.stdout)["marker"]["state"] == "ready"


def test_node_gets_events_and_at_last_the_marker(synapse: Synapse, module: Path) -> None:
    done = synapse("env", "sync", module, *OPTIONS, "--events")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    phases = [event["phase"] for event in events if event["event"] == "phase"]
    assert phases == ["python", "create", "install", "runtime", "verify"]
    assert events[-1]["event"] == "ready"
    assert events[-1]["marker"] == json.loads((module / ".venv" / "synapse.json").read_text())
    again = synapse("env", "sync", module, *OPTIONS, "--events")
    assert [json.loads(line)["event"] for line in again.stdout.splitlines()] == ["ready"]


def test_node_gets_a_failure_as_its_last_event(synapse: Synapse, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("--no-index\nno-such-thing-here\n")
    done = synapse("env", "sync", tmp_path, *OPTIONS, "--events")
    assert done.returncode == 1
    event = json.loads(done.stdout.splitlines()[-1])
    assert (event["event"], event["error"]["code"]) == ("error", "PACKAGE_NOT_FOUND")
    assert set(event["error"]["details"]) == {"lines", "hint", "log_path"}
    assert any("no-such-thing-here" in line for line in event["error"]["details"]["lines"])


def test_advice_for_a_reader_in_node_is_what_works_there(synapse: Synapse, tmp_path: Path) -> None:
    runtime = str(tmp_path / "runtime")
    done = synapse("env", "sync", tmp_path / "nowhere", "--events", SYNAPSE_RUNTIME_DIR=runtime)
    hint = json.loads(done.stdout.splitlines()[-1])["error"]["details"]["hint"]
    assert "`npx synapse init DIR`" in hint


def test_a_failure_is_a_sentence_the_tools_lines_and_advice(
    synapse: Synapse, tmp_path: Path
) -> None:
    (tmp_path / "requirements.txt").write_text("--no-index\nno-such-thing-here\n")
    done = synapse("env", "sync", tmp_path, *OPTIONS)
    assert done.returncode == 1
    assert 'synapse: The index has no package "no-such-thing-here"' in done.stderr
    assert "\n  | " in done.stderr
    assert "\nWhat to do: Check the spelling" in done.stderr
    assert f"\nFull log: {tmp_path}/.venv/synapse/build.log" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_python_that_is_not_there_is_a_failure_with_what_was_found(
    synapse: Synapse, module: Path
) -> None:
    done = synapse("env", "sync", module, "--python", "3.98", "--json")
    error = json.loads(done.stdout)["error"]
    assert (done.returncode, error["code"]) == (1, "PYTHON_NOT_FOUND")
    assert any(line.startswith("python3.98") for line in error["details"]["lines"])


def test_a_terminal_gets_a_bar(tmp_path: Path, synapse: Synapse) -> None:
    (tmp_path / "requirements.txt").write_text("")
    ours, theirs = pty.openpty()
    try:
        command = [sys.executable, "-m", "synapse_worker", "env", "sync", str(tmp_path), *OPTIONS]
        source = str(next(path for path in sys.path if path.endswith("python_side")))
        subprocess.run(
            command,
            env={**os.environ, "PYTHONPATH": source, "TERM": "xterm", "CI": ""},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=theirs,
            timeout=60,
            check=True,
        )
        shown = os.read(ours, 65536).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    drawn = shown.split("\r\x1b[2K")
    # The spinner in front has turned by then, or not yet.
    assert any(text[1:].startswith(f" {tmp_path.name} Creating .venv") for text in drawn)
    assert all(len(text) < 80 and "\n" not in text for text in drawn)
    assert shown.endswith("\r\x1b[2K")


def test_the_code_that_runs_is_never_replaced_under_itself(synapse: Synapse, module: Path) -> None:
    venv = module / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    (purelib,) = venv.glob("lib/python*/site-packages")
    unpack_wheel(load_runtime().wheel(), purelib)
    launcher = purelib / "synapse_worker" / "worker" / "launch.py"
    before = launcher.stat().st_ino
    own = {"python": str(venv / "bin" / "python"), "PYTHONPATH": "", "SYNAPSE_UV": find_uv()}
    done = synapse("env", "sync", module, *OPTIONS, "--json", **own)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["marker"]["launch"]["script"] == str(launcher)
    assert launcher.stat().st_ino == before
