"""What an error says of a module's requirements holds none of their passwords."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from synapse_worker.env.errors import ModuleEnvironmentError
from synapse_worker.env.sources.project import read_project
from synapse_worker.env.sources.requirements import read_requirements

if TYPE_CHECKING:
    from pathlib import Path

INDEX = "https://ada:hunter2@index.test"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", f'[project]\ndependencies = ["--index-url {INDEX}/simple"]\n'),
        ("main.py", f'# /// script\n# dependencies = ["-i {INDEX}/simple"]\n# ///\n'),
        ("requirements.txt", f"a==1 --hash=sha256:{'0' * 64}\nb @ {INDEX}/b-1.tar.gz\n"),
    ],
)
def test_what_is_quoted_of_a_requirement_is_redacted(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ModuleEnvironmentError) as caught:
        read_requirements(tmp_path, read_project(tmp_path), "main.py")
    told = repr((str(caught.value), caught.value.hint, caught.value.lines, caught.value.details))
    assert "hunter2" not in told


def test_the_hint_and_the_lines_of_a_tool_are_redacted_too() -> None:
    error = ModuleEnvironmentError("X", f"see {INDEX}/a", hint=f"ask {INDEX}/b", lines=[f"{INDEX}"])
    assert (error.message, error.hint) == (
        "see https://***@index.test/a",
        "ask https://***@index.test/b",
    )
    assert error.lines == ("https://***@index.test",)
    assert "hunter2" not in repr(error.details)
