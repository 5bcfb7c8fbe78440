"""The user's package settings reach the tools; what would misdirect them does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from synapse_worker.env.backends.pip_settings import pip_settings, uv_environment
from synapse_worker.env.tools.redaction import redact
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
    (tmp_path / "uv.toml").write_text("")
    assert uv_environment(home, tmp_path) == home


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
