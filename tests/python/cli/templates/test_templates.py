"""The templates run as they are written: Python tests and calls with both backends, Jest and programs once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import EVERY_ONE, TEMPLATES, Project, Synapse

if TYPE_CHECKING:
    from collections.abc import Iterable

pytestmark = [pytest.mark.slow, pytest.mark.network]

# What each program prints, among other things. The service has tests of its own.
SAYS = {
    "module": ['15 words, the longest is "quick"'],
    "raw": ["doubled: 42", "rejected: a request needs a value"],
    "ml": [
        "training { trees: 60, of: 60",
        "97 % right",
        "flower 0: setosa, 100 % sure",
        "58 of 60 unseen flowers are right",
    ],
    "data": ["IT: 8 orders, 379.95", "totals: [ 9, 9.8 ]", "60 rows, 71 pieces in the last 10"],
}
CALLS: dict[str, tuple[list[str], Any]] = {
    "module": (
        ["summarize", "--args", '["to be or not"]', "--kwargs", '{"binary": true}'],
        {"words": 4, "longest": "not", "size": "12 Bytes"},
    ),
    "raw": (["-", "--args", '{"value": 21}'], {"doubled": 42}),
}


def of(keys: Iterable[tuple[str, str]]) -> pytest.MarkDecorator:
    """Run a test with some projects: pairs of a template and a backend."""
    return pytest.mark.parametrize("project", list(keys), ids="-".join, indirect=True)


def once(templates: Iterable[str]) -> pytest.MarkDecorator:
    """Run a test of the TypeScript of some templates, which no backend has a part in."""
    return of((template, "uv") for template in templates)


def test_its_python_tests_pass(project: Project) -> None:
    python = project.module / ".venv" / "bin" / "python"
    said = project.run(python, "-m", "pytest", "-q", "-W", "error", cwd=project.module)
    assert " passed" in said


@once(TEMPLATES)
def test_its_jest_tests_pass(project: Project) -> None:
    jest = project.packages / "jest" / "bin" / "jest.js"
    said = project.node("--experimental-vm-modules", jest)
    assert " passed, " in said
    assert "did not exit" not in said


@once(SAYS)
def test_its_program_says_what_it_is_to_say_and_nothing_of_trouble(project: Project) -> None:
    said = project.node("dist/main.js")
    assert [words for words in SAYS[project.template] if words not in said] == []
    assert "not forked" not in said


@of(key for key in EVERY_ONE if key[0] in CALLS)
def test_the_call_its_readme_shows_works(project: Project, synapse: Synapse) -> None:
    arguments, result = CALLS[project.template]
    done = synapse("call", ".", *arguments, "--json", cwd=project.module)
    assert json.loads(done.stdout) == result, done.stderr
