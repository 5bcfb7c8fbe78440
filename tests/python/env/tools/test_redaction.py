"""Nothing secret leaves a tool's output, however it is printed."""

from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING

import pytest

from synapse_worker.env.redaction import redact
from synapse_worker.env.tools.known_secrets import known_secrets, secrets_in
from synapse_worker.env.tools.redactor import Redactor

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "hunter2x"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://ada:hunter2x@index.test/simple", "https://***@index.test/simple"),
        ("https://hunter2x@index.test/simple", "https://***@index.test/simple"),
        ("https://ada:p@hunter2x@index.test/", "https://***@index.test/"),
        ("https://ada:hunter2x/x@index.test/simple", "https://***@index.test/simple"),
        ("https://ada:p?hunter2x#@index.test/a@b", "https://***@index.test/a@b"),
        ("git+https://x-token:hunter2x@host/a.git@v1", "git+https://***@host/a.git@v1"),
        ("Authorization: Basic hunter2x", "Authorization: Basic ***"),
        ("'authorization': 'Bearer hunter2x'", "'authorization': 'Bearer ***'"),
        ("Proxy-Authorization: hunter2x", "Proxy-Authorization: ***"),
        ("UV_INDEX_CORP_PASSWORD=hunter2x", "UV_INDEX_CORP_PASSWORD=***"),
        ("'PYPI_TOKEN': 'hunter2x', 'A': 1", "'PYPI_TOKEN': '***', 'A': 1"),
        ("GET /simple/?access_token=hunter2x&page=1", "GET /simple/?access_token=***&page=1"),
        ("/f.whl?X-Amz-Signature=hunter2x", "/f.whl?X-Amz-Signature=***"),
        ("uv publish --token hunter2x dist", "uv publish --token *** dist"),
        ("machine h login ada password hunter2x", "machine h login ada password ***"),
        ("password = hunter2x", "password = ***"),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str, shown: str) -> None:
    assert redact(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "Collecting token==1.0.0",
        "Downloading secrets-1.0.2-py3-none-any.whl (11 kB)",
        "error: unexpected token: expression",
        "ext.c:1:8: error: expected declaration specifiers before '{' token",
        "git+ssh://host/team/tokenizers.git@v1.2",
        "git+https://host:8443/team/tokenizers.git@v1.2",
        "GET http://host:8080?from=a@b",
        "Looking in indexes: https://index.test/simple",
        "tokenizers>=0.15,<1  # via transformers",
    ],
)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    assert redact(text) == text


def test_a_tool_cannot_write_to_the_users_terminal() -> None:
    hostile = (
        "\x1b[31mred\x1b[0m \x1b]0;title\x07\x1b]8;;http://x\x1b\\link\x1b[2J\x08\x9b2Jend\ttab"
    )
    assert redact(hostile) == "red link2Jend\ttab"


def test_known_secrets_are_hidden_wherever_they_stand() -> None:
    environment = {
        "PIP_INDEX_URL": "https://ada:pa%2Fss-word@index.test/simple",
        "UV_INDEX_CORP_PASSWORD": SECRET,
        "GITHUB_TOKEN": "ghp_abcdef",
        "HTTPS_PROXY": "http://me:proxypass@proxy.test:3128",
        "PATH": "/usr/bin",
        "NPM_CONFIG_IGNORE_SECRETS": "true",
        "TOKEN_FILE": "/run/secrets/token",
    }
    hide = Redactor(known_secrets(environment))
    header = base64.b64encode(b"ada:pa/ss-word").decode()
    said = f"os.environ: {SECRET} ghp_abcdef proxypass pa/ss-word pa%2Fss-word {header} /usr/bin true /run/secrets/token"
    assert hide(said) == "os.environ: *** *** *** *** *** *** /usr/bin true /run/secrets/token"


def test_the_passwords_of_settings_files_are_known(tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine index.test login ada password netrcpass\n")
    (tmp_path / ".netrc").chmod(0o600)
    config = tmp_path / ".config" / "pip"
    config.mkdir(parents=True)
    (config / "pip.conf").write_text(
        "[global]\nindex-url = https://ada:confpass@index.test/simple\n"
    )
    uv = tmp_path / "my-uv.toml"
    uv.write_text('[[index]]\nurl = "https://uvtoken@index.test/simple"\n')
    found = known_secrets({"HOME": str(tmp_path), "UV_CONFIG_FILE": str(uv)})
    assert {"netrcpass", "confpass", "uvtoken"} <= found


def test_requirements_bring_secrets_of_their_own() -> None:
    hide = Redactor(())
    hide.learn(secrets_in("--index-url https://ada:linepass@index.test/simple\ngit+ssh://git@h/x"))
    assert hide("it says linepass, from git") == "it says ***, from git"


def test_a_broken_netrc_breaks_nothing(tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_bytes(b"machine \xff\xfe what even")
    assert known_secrets({"HOME": str(tmp_path)}) == set()


def test_redaction_of_a_long_line_takes_no_time() -> None:
    began = time.monotonic()
    for line in ("a" * 64_000, "https://" * 8_000, "token" * 12_000, "\x1b]" * 32_000):
        redact(line)
    assert time.monotonic() - began < 2
