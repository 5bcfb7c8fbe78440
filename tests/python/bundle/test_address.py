"""Which addresses hold a password, and which only look like it."""

from __future__ import annotations

import pytest

from synapse_worker.bundle.address import holds_password


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://me:hunter2@packages.example/simple",
        "tiny @ https://me:p@ss@packages.example/tiny.whl",
        'tiny = { url = "https://:hunter2@packages.example/tiny.whl" }',
        "git+https://ghp_16C7e42F292c6912E7710c838347Ae178B4a@github.com/me/tiny",
        "tiny @ https://packages.example/tiny.whl?token=abcdef123456",
        "https://me:${PART}rest@packages.example/simple",
    ],
)
def test_a_password_in_an_address_is_one(line: str) -> None:
    assert holds_password(line)


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://me:${TOKEN}@packages.example/simple",
        "--index-url https://${USER}:${TOKEN}@packages.example/simple",
        "tiny @ https://packages.example/tiny.whl?token=${TOKEN}",
        "tiny @ git+ssh://git@github.com/me/tiny",
        'url = "postgresql://postgres@localhost/test"',
        "--index-url https://oauth2accesstoken@europe-python.pkg.dev/me/simple",
        "--index-url https://VssSessionToken@pkgs.dev.azure.com/me/simple",
        'description = "Reads --api-token FILE"',
        "def check(password: bytes) -> None:",
        "https://packages.example/simple  # me@example.org: asks",
        "tiny @ https://packages.example/tiny.whl#sha256=ab",
    ],
)
def test_what_only_looks_like_a_password_is_none(line: str) -> None:
    assert not holds_password(line)
