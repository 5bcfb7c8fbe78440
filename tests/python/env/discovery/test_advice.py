"""The Python that a failure tells to install is one that the search would then take."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from synapse_worker.env.discovery.advice import COMMANDS, how_to_install
from synapse_worker.env.discovery.interpreters import find_interpreter
from synapse_worker.env.discovery.machine import Machine
from synapse_worker.env.errors import ModuleEnvironmentError

ROOT = Path(__file__).resolve().parents[4]
# A version in a command that installs a Python: `install 3.12`, `python@3.12`, `Python.Python.3.12`.
INSTALLED = re.compile(r"(?:install |python@|[Pp]ython\.?|USUAL = ')(3\.\d+)")


@pytest.mark.parametrize(
    ("request_text", "requires_python", "version"),
    [
        (None, None, "3.12"),
        ("3", None, "3.12"),
        (">=3.10", None, "3.12"),
        ("3.14", None, "3.14"),
        ("3.14.2", None, "3.14.2"),
        (">=3.13", None, "3.13"),
        ("<3.12", None, "3.10"),
        ("==3.13.1", None, "3.13.1"),
        (">3.13.2,<3.14", None, "3.13"),
        (None, ">=3.14", "3.14"),
        (">=3.11", "<3.12", "3.11"),
    ],
)
def test_the_version_to_install_is_one_that_fits(
    tmp_path: Path, request_text: str | None, requires_python: str | None, version: str
) -> None:
    empty = Machine(
        "linux", {"PATH": str(tmp_path), "HOME": str(tmp_path)}, running=None, root=tmp_path
    )
    with pytest.raises(ModuleEnvironmentError) as caught:
        find_interpreter(request_text, requires_python, machine=empty)
    assert f"`uv python install {version}` or `pyenv install {version}`" in str(caught.value.hint)


OTHER_VALUE = "SYNAPSE_PYTHON another, or unset it: it counts before every other Python."
OTHER_LINE = 'or write another version into that file (such as "3.12"), or delete it.'
INSTALL = "(for example `uv python install {0}` or `pyenv install {0}`), "


@pytest.mark.parametrize(
    ("variables", "content", "begin", "end"),
    [
        ({"SYNAPSE_PYTHON": "/nope"}, "", "Give ", OTHER_VALUE),
        (
            {"SYNAPSE_PYTHON": "3.14"},
            "",
            f"Install it {INSTALL.format('3.14')}or give ",
            OTHER_VALUE,
        ),
        (
            {"SYNAPSE_PYTHON": "3.8"},
            "",
            f"Install Python 3.10 or newer {INSTALL.format('3.12')}or give ",
            OTHER_VALUE,
        ),
        ({}, "pypy3.10\n", "Install it with `pyenv install pypy3.10`, ", OTHER_LINE),
        ({}, "3.14\n", f"Install it {INSTALL.format('3.14')}", OTHER_LINE),
    ],
)
def test_the_advice_is_for_who_asked(
    tmp_path: Path, variables: dict[str, str], content: str, begin: str, end: str
) -> None:
    (tmp_path / ".python-version").write_text(content)
    known = {"PATH": str(tmp_path), "HOME": str(tmp_path), **variables}
    poor = Machine("linux", known, running=None, root=tmp_path)
    with pytest.raises(ModuleEnvironmentError) as caught:
        find_interpreter(None, None, tmp_path, machine=poor)
    assert caught.value.hint == begin + end


@pytest.mark.parametrize("request_", ["../nope", "pyhton3"])
def test_a_name_that_leads_nowhere_is_to_be_corrected_and_no_version_installed(
    tmp_path: Path, request_: str
) -> None:
    known = {"PATH": str(tmp_path), "HOME": str(tmp_path)}
    poor = Machine("linux", known, running=None, root=tmp_path)
    with pytest.raises(ModuleEnvironmentError) as caught:
        find_interpreter(request_, None, tmp_path, machine=poor)
    assert caught.value.hint.startswith("Name a command on the PATH, or a path from the module's")
    assert "install" not in caught.value.hint


def test_whoever_asked_for_no_version_is_told_one_and_the_same_everywhere() -> None:
    node = ROOT / "js" / "src" / "node" / "env" / "install-python.ts"
    told = [COMMANDS, how_to_install(), node.read_text(encoding="utf-8")]
    assert [set(INSTALLED.findall(text)) for text in told] == [{"3.12"}] * 3


def test_how_to_install_a_python_is_said_in_one_place_of_each_wing() -> None:
    wings = {"python_side/synapse_worker": "*.py", "js/src": "*.ts"}
    saying = [
        path.relative_to(ROOT).as_posix()
        for wing, files in wings.items()
        for path in (ROOT / wing).rglob(files)
        if "uv python install" in path.read_text(encoding="utf-8")
    ]
    assert sorted(saying) == [
        "js/src/node/env/install-python.ts",
        "python_side/synapse_worker/env/discovery/advice.py",
    ]
