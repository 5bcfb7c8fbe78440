"""What is installed from pyproject.toml: dependencies, chosen extras and groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from synapse_worker.env.errors import ModuleEnvironmentError
from synapse_worker.env.sources.project import read_project
from synapse_worker.env.sources.requirements import Requirements, read_requirements

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = """\
[project]
name = "My.Shop"
requires-python = ">=3.11"
dependencies = ["six"]
[project.optional-dependencies]
fast = ["orjson"]
web = ["starlette", "my_shop[fast]"]
all = ["my-shop[web, fast]", "my-shop[all]"]
[dependency-groups]
lint = ["ruff"]
Dev_Tools = ["pytest", {include-group = "lint"}, {include-group = "LINT"}]
"""


def read(directory: Path, text: str) -> Requirements:
    (directory / "pyproject.toml").write_text(text, encoding="utf-8")
    return read_requirements(directory, read_project(directory), "main.py")


def refusal(directory: Path, text: str) -> ModuleEnvironmentError:
    with pytest.raises(ModuleEnvironmentError) as caught:
        read(directory, text)
    return caught.value


def chosen(**settings: object) -> str:
    lines = [f"{key} = {value!r}" for key, value in settings.items()]
    return "\n".join((PROJECT, "[tool.synapse]", *lines, ""))


@pytest.mark.parametrize(
    ("settings", "lines"),
    [
        ({}, ("six",)),
        ({"extras": ["fast"]}, ("six", "orjson")),
        ({"extras": ["all"]}, ("six", "starlette", "orjson")),
        ({"groups": ["dev-tools"]}, ("six", "pytest", "ruff")),
        ({"extras": ["Fast"], "groups": ["lint"]}, ("six", "orjson", "ruff")),
    ],
)
def test_extras_and_groups_are_added_when_chosen(
    tmp_path: Path, settings: dict[str, list[str]], lines: tuple[str, ...]
) -> None:
    found = read(tmp_path, chosen(**settings))
    assert (found.source, found.lines) == ("pyproject.toml", lines)
    assert found.requires_python == ">=3.11"


def test_the_project_itself_is_never_asked_of_an_index(tmp_path: Path) -> None:
    text = """
[project]
name = "My.Shop"
dependencies = ["six", "my_shop[fast] # the quick one"]
[project.optional-dependencies]
fast = ["orjson"]
old = ["my-shop[fast, web] ; python_version < '3'"]
web = ["starlette ; os_name == 'nt' or os_name == 'x'", "pack @ https://host.test/a;b.whl ; os_name == 'nt'"]
[dependency-groups]
dev = ["pytest", "My-Shop", "my-shop[old]"]
[tool.synapse]
groups = ["dev"]
"""
    assert read(tmp_path, text).lines == (
        "six",
        "orjson",
        "pytest",
        "orjson ; python_version < '3'",
        "starlette ; (os_name == 'nt' or os_name == 'x') and (python_version < '3')",
        "pack @ https://host.test/a;b.whl ; (os_name == 'nt') and (python_version < '3')",
    )


def test_groups_need_no_project_table(tmp_path: Path) -> None:
    text = '[dependency-groups]\nml = ["numpy"]\n[tool.synapse]\ngroups = ["ml"]\n'
    assert read(tmp_path, text).lines == ("numpy",)


def test_without_dependencies_the_script_block_counts(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("# /// script\n# dependencies = ['six']\n# ///\n")
    assert read(tmp_path, "[project]\nname = 'x'\n").source == "script"
    assert read(tmp_path, "[project]\nname = 'x'\ndependencies = []\n").source == "pyproject.toml"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[project]\nname = "Six"\ndependencies = ["six>=1"]',
         '"six>=1" is the name of the project itself'),
        ("""[dependency-groups]\na = [{include-group = "b"}]\nb = [{include-group = "a"}]
         [tool.synapse]\ngroups = ["a"]""", "in a circle (a → b → a)"),
        ('[dependency-groups]\na = [{include-group = "A"}]\n[tool.synapse]\ngroups = ["a"]',
         "in a circle (a → a)"),
        ('[dependency-groups]\na = []\n[tool.synapse]\ngroups = ["b"]',
         'it has no dependency group "b" (it has a)'),
        ('[dependency-groups]\na = [{include-group = "b"}]\n[tool.synapse]\ngroups = ["a"]',
         'it has no dependency group "b" (it has a)'),
        ('[tool.synapse]\ngroups = ["a"]', 'it has no dependency group "a" (it has none)'),
        ('[tool.synapse]\nextras = ["a"]', 'it has no extra "a" (it has none)'),
        ("dependency-groups = 3\n[tool.synapse]\ngroups = ['a']", "must be a table"),
        ('[dependency-groups]\na = "six"\n[tool.synapse]\ngroups = ["a"]', "a must be a list"),
        ('[dependency-groups]\na = [3]\n[tool.synapse]\ngroups = ["a"]', "a holds 3"),
        ("""[dependency-groups]\na = [{include-group = "b", x = 1}]
         [tool.synapse]\ngroups = ["a"]""", "neither a requirement"),
        ('[dependency-groups]\na = [{include-group = 1}]\n[tool.synapse]\ngroups = ["a"]',
         "include-group must be a string"),
        ('[project]\noptional-dependencies = []\n[tool.synapse]\nextras = ["a"]',
         "must be a table"),
        ('[project.optional-dependencies]\na = [1]\n[tool.synapse]\nextras = ["a"]',
         "must be a list of strings"),
        ('[project]\ndependencies = "six"', "dependencies must be a list of strings"),
        ('[project]\ndependencies = {six = "1"}', "dependencies must be a list of strings"),
        ('[project]\nname = "x"\ndynamic = ["version", "dependencies"]', 'are "dynamic"'),
        ('[project]\ndependencies = ["--index-url https://evil/simple"]', "is not a requirement"),
        ('[project]\ndependencies = ["six\\n-e /tmp/evil"]', "is not a requirement"),
        ('[project]\ndependencies = ["six\\\\", "rich"]', "is not a requirement"),
    ],
)  # fmt: skip
def test_what_cannot_be_followed_is_an_error_that_says_why(
    tmp_path: Path, text: str, says: str
) -> None:
    error = refusal(tmp_path, text + "\n")
    assert (error.code, says in error.message) == ("REQUIREMENTS_INVALID", True), error.message
    assert error.hint


def test_what_is_not_chosen_is_not_looked_at(tmp_path: Path) -> None:
    text = (
        "[project]\ndependencies = ['six']\noptional-dependencies = 3\n"
        "[dependency-groups]\na = [{include-group = 'a'}, 7]\n"
    )
    assert read(tmp_path, text).lines == ("six",)


def test_another_file_with_requirements_makes_its_own_unread(tmp_path: Path) -> None:
    (tmp_path / "requirements.in").write_text("idna\n")
    found = read(tmp_path, '[project]\ndynamic = ["dependencies"]\nrequires-python = ">=3.12"\n')
    assert (found.source, found.lines) == ("requirements.in", ("idna",))
    assert (found.is_locked, found.requires_python) == (False, ">=3.12")


@pytest.mark.parametrize(
    "text",
    [
        "project = 3\n",
        "[project]\nrequires-python = 3.11\n",
        "[tool.synapse]\ngroups = 'ml'\n",
        "[tool.synapse]\nextras = ['']\n",
        "[tool.synapse]\ngroups = [1]\n",
        "[tool.synapse]\nshare-environment = 'yes'\n",
        "[" * 5000,
        "a = " + "[" * 5000,
        "a = " + "{b = " * 5000,
        "\x00",
    ],
)
def test_a_file_of_the_wrong_shape_is_an_error(tmp_path: Path, text: str) -> None:
    assert refusal(tmp_path, text).code == "INVALID_CONFIG"


def test_a_byte_order_mark_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\ndependencies=['six']\n", "utf-8-sig")
    assert read_requirements(tmp_path, read_project(tmp_path), "main.py").lines == ("six",)


def test_a_folder_called_pyproject_toml_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").mkdir()
    with pytest.raises(ModuleEnvironmentError) as caught:
        read_project(tmp_path)
    assert caught.value.code == "INVALID_CONFIG"


def test_a_uv_lock_is_read_by_uv_with_what_was_chosen(tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_text("version = 1\n")
    error = refusal(tmp_path, chosen())
    assert (error.code, "read by uv alone" in error.message) == ("REQUIREMENTS_INVALID", True)
    asked: list[object] = []

    def export(*arguments: object) -> list[str]:
        asked.extend(arguments)
        return [
            "# by uv",
            "six==1.17.0 \\",
            "    --hash=sha256:aa",
            "-e ./lib",
            "synapse-worker==1",
        ]

    (tmp_path / "pyproject.toml").write_text(chosen(groups=["lint"], extras=["fast"]))
    found = read_requirements(tmp_path, read_project(tmp_path), "main.py", export_lock=export)
    assert asked == [tmp_path, ("lint",), ("fast",)]
    assert (found.source, found.is_locked) == ("uv.lock", True)
    assert found.lines == ("six==1.17.0 --hash=sha256:aa", "-e ./lib")
    known = {entry.path: entry.sha256 is not None for entry in found.inputs}
    assert (known["uv.lock"], known["pyproject.toml"], known["lib"]) == (True, True, False)
