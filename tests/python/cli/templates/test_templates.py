"""The templates run as they are written: Python tests, TypeScript, Jest, and a call, with both backends."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from .conftest import Project

    Synapse = Callable[..., subprocess.CompletedProcess[str]]

# How long a change may take to show.
SECONDS = 60.0
pytestmark = [pytest.mark.slow, pytest.mark.network]

# What each program prints, among other things.
SAYS = {
    "module": ['15 words, the longest is "quick"'],
    "raw": ["doubled: 42", "rejected: a request needs a value"],
    "ml": ["training { trees: 60, of: 60", "97 % right", "flower 0: setosa", "58 of 60 unseen flowers are right"],
    "data": ["IT: 8 orders, 379.95", "totals: [ 9, 9.8 ]", "60 rows, 71 pieces in the last 10"],
}
CALLS: dict[str, tuple[list[str], Any]] = {
    "module": (
        ["summarize", "--args", '["to be or not"]', "--kwargs", '{"binary": true}'],
        {"words": 4, "longest": "not", "size": "12 Bytes"},
    ),
    "raw": (["-", "--args", '{"value": 21}'], {"doubled": 42}),
    "ml": (["species"], ["setosa", "versicolor", "virginica"]),
}


def test_its_python_tests_pass(project: Project) -> None:
    python = project.module / ".venv" / "bin" / "python"
    said = project.run(python, "-m", "pytest", "-q", "-W", "error", cwd=project.module)
    assert " passed" in said


def test_its_jest_tests_pass(project: Project) -> None:
    jest = project.packages / "jest" / "bin" / "jest.js"
    said = project.node("--experimental-vm-modules", jest)
    assert "Tests: " in said
    assert "failed" not in said
    assert "did not exit" not in said


def test_its_program_says_what_it_is_to_say(project: Project) -> None:
    if project.template == "node-app":
        pytest.skip("a service: test_node_app has it")
    said = project.node("dist/main.js")
    for words in SAYS[project.template]:
        assert words in said


def test_the_call_its_readme_shows_works(project: Project, synapse: Synapse) -> None:
    if project.template not in CALLS:
        pytest.skip("its readme shows none")
    arguments, result = CALLS[project.template]
    done = synapse("call", ".", *arguments, "--json", cwd=project.module)
    assert json.loads(done.stdout) == result, done.stderr
