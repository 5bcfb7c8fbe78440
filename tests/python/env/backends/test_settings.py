"""The user's package settings reach the tools; what would misdirect them does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from synapse_worker.env.backends.pip_settings import pip_settings, uv_environment
from synapse_worker.env.redaction import redact
from synapse_worker.env.tools.tool_settings import tool_environment

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment whose home holds a pip.conf."""
    (tmp_path / "wheels").mkdir()
    folder = tmp_path / ".config" / "pip"
    folder.mkdir(parents=True)
    (folder / "pip.conf").write_text(
        "[global]\nindex-url = https://mirror.example/simple\nextra-index-url =\n"
        "    https://one.example/simple\n    https://two.example/simple\n"
        f"find-links = {tmp_path}/wheels {tmp_path}/gone\ntimeout = 7\n"
        "[install]\ntrusted-host = mirror.example\n[list]\nformat = json\n"
    )
    return {"HOME": str(tmp_path), "XDG_CONFIG_DIRS": str(tmp_path / "none"), "PATH": "/bin"}


def test_uv_gets_the_index_that_pip_was_given(home: dict[str, str], tmp_path: Path) -> None:
    environment = uv_environment(home, tmp_path)
    assert environment["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    assert environment["UV_INDEX"] == "https://one.example/simple https://two.example/simple"
    assert environment["UV_INDEX_STRATEGY"] == "unsafe-best-match"
    assert environment["UV_FIND_LINKS"] == f"{tmp_path}/wheels"
    assert environment["UV_INSECURE_HOST"] == "mirror.example"
    assert environment["UV_HTTP_TIMEOUT"] == "7"


def test_environment_variables_outrank_pips_files(home: dict[str, str]) -> None:
    settings = pip_settings({**home, "PIP_INDEX_URL": "https://env.example/simple"})
    assert settings["index-url"] == "https://env.example/simple"
    assert "format" not in settings


def test_a_configured_uv_is_left_alone(home: dict[str, str], tmp_path: Path) -> None:
    chosen = {**home, "UV_DEFAULT_INDEX": "https://uv.example/simple"}
    assert uv_environment(chosen, tmp_path) == chosen
    (tmp_path / "uv.toml").write_text('index-url = "https://uv.example/simple"\n')
    assert uv_environment(home, tmp_path) == home


@pytest.mark.parametrize(
    "table",
    [
        'pip.index-url = "https://uv.example/simple"',
        "no-index = true",
        '[[tool.uv.index]]\nurl = "https://uv.example/simple"',
    ],
)
def test_a_project_that_names_an_index_for_uv_is_left_alone(
    home: dict[str, str], tmp_path: Path, table: str
) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.uv]\n{table}\n")
    assert uv_environment(home, tmp_path) == home
    # A folder without a project of its own is in that of its parent, another project is not.
    below = tmp_path / "below"
    below.mkdir()
    (below / "pyproject.toml").write_text("[tool.synapse]\nworkers = 2\n")
    assert uv_environment(home, below) == home
    (below / "pyproject.toml").write_text('[project]\nname = "below"\n')
    assert uv_environment(home, below) != home


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", "# [tool.uv] is not used here\n"),
        ("pyproject.toml", "[tool.uv]\npackage = false\n"),
        ("pyproject.toml", "[[tool.uv.index]]\nurl = 'https://t.example'\nexplicit = true\n"),
        ("uv.toml", "native-tls = true\n"),
        (".config/uv/uv.toml", "[pip]\nno-build = true\n"),
    ],
)
def test_settings_of_uv_without_an_index_do_not_hide_the_one_given_to_pip(
    home: dict[str, str], tmp_path: Path, name: str, text: str
) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    assert uv_environment(home, tmp_path)["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"


@pytest.mark.parametrize("variable", ["UV_FIND_LINKS", "UV_NO_CONFIG"])
def test_variables_of_uv_without_an_index_do_not_hide_it_either(
    home: dict[str, str], tmp_path: Path, variable: str
) -> None:
    environment = uv_environment({**home, variable: "1"}, tmp_path)
    assert environment["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    assert environment[variable] == "1"


def test_the_settings_file_that_uv_is_given_is_the_only_one(
    home: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "uv.toml").write_text('index-url = "https://uv.example/simple"\n')
    chosen = tmp_path / "chosen.toml"
    chosen.write_text("")
    given = {**home, "UV_CONFIG_FILE": str(chosen)}
    assert uv_environment(given, tmp_path)["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    chosen.write_text('extra-index-url = ["https://uv.example/simple"]\n')
    assert uv_environment(given, tmp_path) == given


def test_settings_that_misdirect_an_installation_are_taken_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("PIP_TARGET", "PYTHONPATH", "VIRTUAL_ENV", "UV_SYSTEM_PYTHON", "VIRTUALENV_CLEAR"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("PIP_USER", "1")
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    environment = tool_environment()
    assert not {"PIP_TARGET", "PYTHONPATH", "VIRTUAL_ENV", "UV_SYSTEM_PYTHON"} & set(environment)
    assert "VIRTUALENV_CLEAR" not in environment
    assert environment["PIP_USER"] == "0"
    assert environment["PIP_INDEX_URL"] == "https://mirror.example/simple"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (
            "Looking in https://user:pa%24s@h.example/simple",
            "Looking in https://***@h.example/simple",
        ),
        ("git+ssh://token@h.example/x", "git+ssh://***@h.example/x"),
        ("six @ https://h.example/x@1", "six @ https://h.example/x@1"),
        ("\x1b[31merror\x1b[0m", "error"),
    ],
)
def test_credentials_and_colours_are_taken_out_of_lines(text: str, clean: str) -> None:
    assert redact(text) == clean
