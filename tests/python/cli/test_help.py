"""The command line teaches, and starts with nothing but the standard library."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from synapse_worker.cli.command_line import build_parser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Synapse = Callable[..., subprocess.CompletedProcess[str]]

SOURCE = Path(__file__).parents[3] / "python_side"


@pytest.mark.parametrize(
    ("arguments", "taught"),
    [
        (
            ["--help"],
            [
                *("synapse init", "synapse call", "synapse dev pricing", "env sync", "connect("),
                *("synapse doctor", "usage: synapse [options] COMMAND"),
                "exit codes: 0 done",
            ],
        ),
        (["init", "--help"], ["--template raw", "--link", "Nothing that exists is overwritten"]),
        (["call", "--help"], ["--kwargs '{\"months\": 3}'", "base64", "--timeout-ms", "60000"]),
        (["generate", "--help"], ["--check", "3 a client is out of date"]),
        (["env", "--help"], ["sync", "status"]),
        (["doctor", "--help"], ["Nothing is changed", "--start", "1 an error was found"]),
        (["env", "sync", "--help"], ["requirements.txt", "never deleted", "--python 3.12"]),
        (["env", "status", "--help"], ["why", "--json"]),
    ],
)
def test_help_explains_with_examples(
    synapse: Synapse, arguments: list[str], taught: list[str]
) -> None:
    done = synapse(*arguments)
    assert done.returncode == 0
    for piece in taught:
        assert piece in done.stdout


def _commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Yield every command that does something, with its one-line summary."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            summaries = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, child in action.choices.items():
                if any(isinstance(one, argparse._SubParsersAction) for one in child._actions):
                    yield from _commands(child)
                else:
                    yield summaries[name], child


COMMANDS = {parser.prog: (summary, parser) for summary, parser in _commands(build_parser())}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_explained_in_the_same_way(command: str) -> None:
    summary, parser = COMMANDS[command]
    assert summary[0].islower()
    assert not summary.endswith(".")
    lines = parser.format_help().splitlines()
    assert lines[0].startswith(f"usage: {command} ")
    assert lines[1] == "", "the usage is one line"
    assert lines[2][0].isupper()
    assert "examples:" in lines
    assert any(line.startswith(f"  {command}") for line in lines[lines.index("examples:") :])
    assert any(line.startswith("exit codes: 0 ") for line in lines)
    assert [line for line in lines if len(line) > 100] == []
    options = parser._option_string_actions
    assert {"--json", "--debug", "--help"} <= set(options)
    assert [name for name, option in options.items() if not option.help] == []


def test_the_version_is_one_line(synapse: Synapse) -> None:
    assert synapse("--version").stdout == "synapse 0.1.0\n"


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["call"], ["init", "--template", "no"]])
def test_wrong_usage_ends_with_2_and_says_what_is_wrong(
    synapse: Synapse, arguments: list[str]
) -> None:
    done = synapse(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: synapse")


@pytest.mark.parametrize(
    ("arguments", "taught"), [([], "synapse init pricing"), (["env"], "say whether it is ready")]
)
def test_a_command_without_its_end_is_answered_with_the_whole_help(
    synapse: Synapse, arguments: list[str], taught: str
) -> None:
    done = synapse(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert taught in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["call", "--json"], "DIR"),
        (["call", "x", "y", "--json", "--timeout-ms", "-1"], "argument --timeout-ms"),
        (["init", "--json", "--template", "no"], "invalid choice"),
        (["init", "--nonsense", "--json"], "--nonsense"),
        (["call", "gone", "f", "--json"], 'Directory "gone" does not exist.'),
        (["env", "sync", "gone", "--json"], 'Directory "gone" does not exist.'),
        (["env", "status", "gone", "--json"], 'Directory "gone" does not exist.'),
        (["call", ".", "f", "--json", "--args", "@gone"], '"gone" cannot be read'),
    ],
)
def test_with_json_wrong_usage_is_json_too_and_shows_nothing_of_our_insides(
    synapse: Synapse, tmp_path: Path, arguments: list[str], said: str
) -> None:
    (tmp_path / "main.py").write_text("import synapse_worker\n")
    done = synapse(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    error = json.loads(done.stdout)["error"]
    assert error["code"] == "INVALID_ARGUMENTS"
    assert said in error["message"]
    assert (error["traceback"], error["cause"]) == ("", None)
    assert "Traceback" not in done.stdout


def test_it_starts_with_the_standard_library_alone() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(SOURCE)!r})\n"
        "before = set(sys.modules)\n"
        "import synapse_worker.cli.command_line as c; c.build_parser()\n"
        "import synapse_worker.env.backends\n"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(sorted(new - set(sys.stdlib_module_names)))"
    )
    # -S: without site-packages nothing else could be imported in the first place.
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("['synapse_worker']\n", "")
