"""A tool ends with who started it, whenever that dies, and sees nothing of what ties it."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from synapse_worker.env.events import Reporter
from synapse_worker.env.tools.toolrun import ToolError, ToolRunner

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux ties groups")

DEADLINE_S = 20.0

# Starts a tool that would run for ever; dies at the first step of tying it.
DIES_TOO_SOON = """
import fcntl, os, signal, sys
from pathlib import Path
from synapse_worker.env.events import Reporter
from synapse_worker.env.tools.toolrun import ToolRunner

fcntl.fcntl = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
runner = ToolRunner(cwd=Path("/"), lock_fds=(int(sys.argv[1]),), log_path=None, reporter=Reporter())
runner.run("A tool", ["/bin/sh", "-c", "sleep 1000"], env=os.environ)
"""


# Without and with a name that a shell would lose: there are two kinds of gate.
GATES = pytest.mark.parametrize("more", [{}, {"npm_config_@scope:registry": "x"}])


@GATES
def test_a_tool_whose_builder_dies_before_it_is_tied_never_starts(
    installation: Path, more: dict[str, str]
) -> None:
    # Whoever lives holds the write end: it ends with the last of them.
    alive, held = os.pipe()
    try:
        died = subprocess.run(
            [sys.executable, "-c", DIES_TOO_SOON, str(held)],
            env={**os.environ, "PYTHONPATH": str(installation), **more},
            pass_fds=(held,),
            timeout=DEADLINE_S,
            check=False,
        )
    finally:
        os.close(held)
    assert died.returncode == -signal.SIGKILL
    try:
        assert select.select([alive], [], [], DEADLINE_S)[0], "the tool lives on"
        assert os.read(alive, 1) == b""
    finally:
        os.close(alive)


@pytest.fixture
def runner(tmp_path: Path) -> ToolRunner:
    return ToolRunner(cwd=tmp_path, lock_fds=(), log_path=None, reporter=Reporter())


@GATES
def test_it_gets_its_words_and_an_empty_stdin(runner: ToolRunner, more: dict[str, str]) -> None:
    code = "import os, sys; print(sys.argv[1:], repr(sys.stdin.read()), os.environ['ODD'])"
    words = ["two words", "$HOME", "", "*", "'\"", "-c"]
    said = runner.run("A tool", [sys.executable, "-c", code, *words], env={"ODD": "a\tb", **more})
    assert said == [f"{words} '' a\tb"]


def test_it_gets_variables_whatever_they_are_called_and_none_besides(runner: ToolRunner) -> None:
    given = {"npm_config_@scope:registry": "a=b", "FOO.BAR": "", "1": "two\tthree", "PATH": "/bin"}
    assert sorted(runner.run("A tool", ["env"], env=given)) == sorted(
        f"{name}={value}" for name, value in given.items()
    )


def test_a_variable_without_a_name_is_left_out(runner: ToolRunner) -> None:
    given = {"": "nameless", "FOO.BAR": "x"}
    assert runner.run("A tool", ["/usr/bin/env"], env=given) == ["FOO.BAR=x"]


@pytest.mark.parametrize("ours", [None, "", "/nowhere/python"])
def test_a_shell_opens_the_gate_where_our_python_has_gone(
    runner: ToolRunner, monkeypatch: pytest.MonkeyPatch, ours: str | None
) -> None:
    monkeypatch.setattr(sys, "executable", ours)
    assert runner.run("A tool", ["/bin/echo", "ran"], env={"FOO.BAR": "x"}) == ["ran"]


def test_it_ignores_the_same_signals_behind_either_gate(runner: ToolRunner) -> None:
    ignored = ["/bin/grep", "SigIgn", "/proc/self/status"]
    behind_shell = runner.run("A tool", ignored, env={})
    assert runner.run("A tool", ignored, env={"FOO.BAR": ""}) == behind_shell


def test_its_output_is_kept_apart_where_that_is_asked_for(
    runner: ToolRunner, tmp_path: Path
) -> None:
    code = "import sys; print('exact  \\n\\nbytes'); print('a line', file=sys.stderr)"
    with (tmp_path / "output").open("w+b") as output:
        assert runner.run("A tool", [sys.executable, "-c", code], env={}, into=output) == ["a line"]
        output.seek(0)
        assert output.read() == b"exact  \n\nbytes\n"


@GATES
def test_one_that_is_not_there_is_named(runner: ToolRunner, more: dict[str, str]) -> None:
    with pytest.raises(ToolError) as caught:
        runner.run("A tool", ["/nowhere/tool"], env=more)
    assert caught.value.status == 127
    assert "/nowhere/tool" in caught.value.lines[0]


def test_descriptors_do_not_add_up(runner: ToolRunner) -> None:
    def count() -> int:
        return len(os.listdir("/proc/self/fd"))

    before = count()
    for command in (["/bin/true"], ["/nowhere/tool"], ["/bin/false"]):
        for _ in range(3):
            with contextlib.suppress(ToolError):
                runner.run("A tool", command, env={})
    assert count() == before
