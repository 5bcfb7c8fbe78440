"""What somebody who has typed a command wrongly is told: by the command itself, and what was meant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from synapse_worker.cli.command_line import main

if TYPE_CHECKING:
    from collections.abc import Callable

    Told = Callable[..., str]


@pytest.fixture
def told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Told:
    """Return what a command line says that is refused where there is a module "m"."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNAPSE_RUNTIME_DIR", str(tmp_path))
    # What is not refused, by a mistake of ours, cleans at most this.
    monkeypatch.setenv("SYNAPSE_CACHE_DIR", str(tmp_path / "cache"))
    Path("m").mkdir()
    Path("m/main.py").touch()

    def run(*arguments: str) -> str:
        assert main(arguments) == 2
        return capsys.readouterr().err

    return run


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["env", "sync", "m", "--ofline"], "Did you mean --offline? "),
        (["env", "sync", "m", "--pyhton=3.12"], "Did you mean --python? "),
        (["init", "x", "-t", "module"], "Did you mean --template? "),
        (["call", "m", "quote", "ACME"], """goes into --args '["ACME"]'. """),
        (["env", "list", "--nothing-like-it"], ""),
        (["schema", "m", "n"], ""),
    ],
)
def test_what_a_command_does_not_know_it_answers_itself(
    told: Told, arguments: list[str], meant: str
) -> None:
    said = told(*arguments)
    command = " ".join(arguments[:2] if arguments[0] == "env" else arguments[:1])
    assert said.startswith(f"usage: synapse {command} [options]")
    assert f"\nsynapse {command}: error: unknown: " in said
    assert said.endswith(f"{meant}`npx synapse {command} --help` explains it.\n")


@pytest.mark.parametrize(
    "arguments",
    [
        *([command, ""] for command in ("call", "generate", "dev", "doctor", "init", "schema")),
        *(["env", part, ""] for part in ("sync", "status", "lock", "rebuild", "clean", "list")),
        ["env", "clean", "--all", ""],
        ["env", "export", "m", "-o", ""],
        ["bundle", "m", "-o", ""],
        ["env", "sync", "m", "--find-links", ""],
    ],
)
def test_an_empty_word_is_not_the_current_folder(told: Told, arguments: list[str]) -> None:
    assert "it is empty: give a folder, or . for the current one" in told(*arguments)


def test_a_command_that_is_none_is_sent_to_the_help(told: Told) -> None:
    assert told("nonsense").endswith("What to do: `npx synapse --help` explains it.\n")


@pytest.mark.parametrize("command", [["generate"], ["dev"], ["env", "sync"], ["doctor"]])
def test_a_file_is_answered_with_its_folder(told: Told, command: list[str]) -> None:
    assert told(*command, "m/main.py") == (
        'synapse: "m/main.py" is a file.\nWhat to do: Give the folder of the Python module: "m".\n'
    )


def test_a_command_among_the_folders_is_told_where_it_stands(told: Told) -> None:
    assert told("dev", "m", "sh", "-c", "a b").endswith("explains it.\n")
    assert told("dev", "m", "sh", "run me") == (
        'synapse: There is no folder "sh".\n'
        "What to do: A command to run stands after --: `npx synapse dev m -- sh 'run me'`\n"
    )


def test_advice_is_typed_as_npm_has_it(told: Told) -> None:
    assert told("bundle", "m").endswith("What to do: `npx synapse bundle m -o out/m`\n")
