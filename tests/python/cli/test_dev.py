"""`synapse dev` on the command line; its loop is tested in test_development.py, the whole in tests/e2e/dev."""

from __future__ import annotations

import json
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from synapse_worker.cli.command_line import build_parser

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    Synapse = Callable[..., subprocess.CompletedProcess[str]]

DEADLINE_SECONDS = 60.0


def test_help_explains_with_examples(synapse: Synapse) -> None:
    done = synapse("dev", "--help")
    assert done.returncode == 0
    for piece in ("synapse dev pricing", "-- npm start", "Ctrl-C", "file:line: message"):
        assert piece in done.stdout


@pytest.mark.parametrize(
    ("arguments", "directories", "command"),
    [
        (["dev", "a"], ["a"], []),
        (["dev", "a", "b", "--", "npm", "start"], ["a", "b"], ["npm", "start"]),
        (["dev", "a", "--", "node", "--check", "-o", "x"], ["a"], ["node", "--check", "-o", "x"]),
        (["dev", "a", "--", "sh", "--", "b"], ["a"], ["sh", "--", "b"]),
    ],
)
def test_what_follows_two_dashes_is_the_command_as_it_is(
    arguments: list[str], directories: list[str], command: list[str]
) -> None:
    args = build_parser().parse_args(arguments)
    assert [str(directory) for directory in args.directories] == directories
    assert args.command == command


def test_a_folder_or_a_command_that_is_not_there_is_wrong_usage(
    synapse: Synapse, tmp_path: Path
) -> None:
    done = synapse("dev", tmp_path / "nowhere")
    assert done.returncode == 2
    assert "does not exist" in done.stderr
    done = synapse("dev", tmp_path, "--", "no-such-command")
    assert done.returncode == 2
    assert "no-such-command" in done.stderr


def test_it_generates_and_passes_the_exit_code_on(
    synapse: Synapse, native_module: Path, tmp_path: Path
) -> None:
    out = tmp_path / "generated"
    command = (sys.executable, "-c", "import sys; sys.exit(7)")
    done = synapse("dev", native_module, "-o", out, "--json", "--", *command)
    assert done.returncode == 7, done.stderr
    (ready,) = map(json.loads, done.stdout.splitlines())
    assert (ready["event"], ready["changed"]) == ("ready", True)
    (made,) = out.iterdir()
    assert "add(" in made.read_text()


def test_it_keeps_the_declaration_of_a_module_that_is_imported_directly(
    synapse: Synapse, native_module: Path
) -> None:
    done = synapse("dev", native_module, "--declarations", "--", sys.executable, "-c", "")
    assert done.returncode == 0, done.stderr
    declaration = native_module / "main.d.py.ts"
    assert "export declare function add(" in declaration.read_text()
    declaration.unlink()


def test_what_python_reports_is_said_once_with_its_place(synapse: Synapse, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("from synapse_worker import Module\nprint('hi')\n1 / 0\n")
    process = synapse("generate", tmp_path, "-o", tmp_path / "generated")
    assert process.returncode == 1
    assert process.stderr.count("ZeroDivisionError") == 1
    assert f"{tmp_path}/main.py:3: " in process.stderr
    assert "     3 | 1 / 0\n" in process.stderr


def test_ctrl_c_ends_it_with_the_shells_code(
    popen_synapse: Callable[..., subprocess.Popen[str]], native_module: Path, tmp_path: Path
) -> None:
    process = popen_synapse("dev", native_module, "-o", tmp_path, "--json")
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["event"] == "ready"
    process.send_signal(signal.SIGINT)
    assert process.wait(DEADLINE_SECONDS) == 130
