"""Addresses with credentials reach the tools by their environment, those of uv also reach pip."""

from __future__ import annotations

import os

import pytest

from synapse_worker.env.backends.fetching import EVERYTHING, Fetching
from synapse_worker.env.backends.pip_fetching import pip_environment
from synapse_worker.env.backends.secret_options import part_secrets, pip_secrets, uv_secrets

SECRET = "https://ada:pw@one.example/simple"
BARE = {"HOME": "/nowhere", "PIP_CONFIG_FILE": os.devnull}


@pytest.mark.parametrize(
    "option", [f"-i {SECRET}", f"-i{SECRET}", f"--index-url={SECRET}", f"--index-url {SECRET}"]
)
def test_an_option_with_credentials_is_no_line_of_a_file(option: str) -> None:
    lines = ["--index-url https://plain.example/simple", option, "tinyone @ git+ssh://git@h/x"]
    assert part_secrets(lines) == ([lines[0], lines[2]], [option])
    assert pip_secrets(BARE, [option])["PIP_INDEX_URL"] == SECRET
    assert uv_secrets(BARE, [option])["UV_DEFAULT_INDEX"] == SECRET


def test_variables_are_replaced_as_the_tools_do_it_in_a_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("INDEX_USER", "ada")
    monkeypatch.setenv("INDEX_WORD", "pw")
    option = "--index-url https://${INDEX_USER}:${INDEX_WORD}@one.example/simple"
    assert part_secrets([option]) == ([], [option])
    assert pip_secrets(BARE, [option])["PIP_INDEX_URL"] == SECRET
    assert uv_secrets(BARE, [option])["UV_DEFAULT_INDEX"] == SECRET
    unset = "--index-url https://${INDEX_NOT_SET}@one.example/simple"
    assert uv_secrets(BARE, [unset])["UV_DEFAULT_INDEX"] == unset.split()[1]


def test_further_indexes_are_added_to_those_of_the_user() -> None:
    option = f"--extra-index-url {SECRET}"
    own = {**BARE, "PIP_EXTRA_INDEX_URL": "https://own.example/simple"}
    assert (
        pip_secrets(own, [option])["PIP_EXTRA_INDEX_URL"] == f"https://own.example/simple {SECRET}"
    )
    own = {**BARE, "UV_INDEX": "https://own.example/simple"}
    assert uv_secrets(own, [option])["UV_INDEX"] == f"https://own.example/simple {SECRET}"
    links = "--find-links https://ada:pw@one.example/wheels"
    assert uv_secrets({"UV_FIND_LINKS": "/w"}, [links])["UV_FIND_LINKS"] == (
        "/w,https://ada:pw@one.example/wheels"
    )


def test_pip_gets_the_indexes_that_uv_was_given() -> None:
    environment = pip_environment(
        {
            **BARE,
            "UV_DEFAULT_INDEX": "home=https://one.example/simple",
            "UV_INDEX_HOME_USERNAME": "ada",
            "UV_INDEX_HOME_PASSWORD": "p w",
            "UV_INDEX": "https://two.example/simple three=https://three.example/simple",
            "UV_FIND_LINKS": "/a,/b",
        },
        EVERYTHING,
    )
    assert environment["PIP_INDEX_URL"] == "https://ada:p%20w@one.example/simple"
    assert environment["PIP_EXTRA_INDEX_URL"] == (
        "https://two.example/simple https://three.example/simple"
    )
    assert environment["PIP_FIND_LINKS"] == "/a /b"


def test_pips_own_settings_outrank_uvs() -> None:
    own = {**BARE, "PIP_INDEX_URL": "https://pip.example", "UV_INDEX_URL": "https://uv.example"}
    assert pip_environment(own, EVERYTHING) == own
    assert pip_environment(BARE, Fetching(no_build=True)) == {**BARE, "PIP_ONLY_BINARY": ":all:"}
