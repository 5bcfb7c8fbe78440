"""The secrets that the tools of a build are given: by variables, by settings files, by ~/.netrc.

Only what can be read cheaply and names itself a secret; keyrings keep theirs to themselves.
"""

from __future__ import annotations

import base64
import contextlib
import netrc
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ..redaction import USER_OF_URL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SECRET_NAME = re.compile(
    r"(password|passwd|secret|token|api_?key|access_?key|private_?key|credential|authorization)",
    re.IGNORECASE,
)
_URL_USER = re.compile(rf"\b[A-Za-z][A-Za-z0-9+.-]{{0,20}}://({USER_OF_URL})@")
# Shorter ones are words like any other: hiding them would make a log unreadable, and hide nothing.
_SHORTEST = 4
# What a variable with such a name may hold beside a secret: a switch.
_SWITCHES = {"true", "false", "none", "null", "auto", "never", "always", "disabled", "enabled"}


def known_secrets(environment: Mapping[str, str]) -> set[str]:
    """Return every secret that the process environment, pip's and uv's files and ~/.netrc hold."""
    found: set[str] = set()
    for name, value in environment.items():
        found.update(_of_urls(value))
        # What names a file (TOKEN_FILE=/run/…) or a flag is no secret.
        if _SECRET_NAME.search(name) and not value.startswith(("/", "~")):
            found.add(value.strip())
    for path in _settings_files(environment):
        with contextlib.suppress(OSError):
            found.update(_of_urls(path.read_text(encoding="utf-8", errors="replace")))
    found.update(_of_netrc(environment))
    return {
        secret for secret in found if len(secret) >= _SHORTEST and secret.lower() not in _SWITCHES
    }


def secrets_in(text: str) -> set[str]:
    """Return the passwords of the URLs in a text, such as a requirements file's."""
    return {secret for secret in _of_urls(text) if len(secret) >= _SHORTEST}


def _of_urls(text: str) -> Iterator[str]:
    """Yield the passwords of a text's URLs; a user without one is a token."""
    for user in _URL_USER.findall(text) if "@" in text else ():
        name, colon, password = user.partition(":")
        if colon:
            yield password
            # As it stands in the header of a request.
            yield base64.b64encode(unquote(user).encode()).decode()
        elif name != "git":  # the user of every ssh address, and nobody's secret
            yield name


def _of_netrc(environment: Mapping[str, str]) -> Iterator[str]:
    home = environment.get("HOME")
    path = environment.get("NETRC") or (f"{home}/.netrc" if home else None)
    if path is None:
        return
    try:
        hosts = netrc.netrc(path).hosts
    except (OSError, netrc.NetrcParseError, UnicodeDecodeError):
        return
    for _login, _account, password in hosts.values():
        if password:
            yield password


def _settings_files(environment: Mapping[str, str]) -> Iterator[Path]:
    """Yield where pip and uv keep index addresses; most of them are not there."""
    if chosen := environment.get("PIP_CONFIG_FILE"):
        yield Path(chosen)
    if chosen := environment.get("UV_CONFIG_FILE"):
        yield Path(chosen)
    yield from (Path("/etc/pip.conf"), Path("/etc/xdg/pip/pip.conf"), Path("/etc/uv/uv.toml"))
    if home := environment.get("HOME"):
        config = Path(environment.get("XDG_CONFIG_HOME") or f"{home}/.config")
        yield from (config / "pip" / "pip.conf", config / "uv" / "uv.toml")
        yield Path(home) / ".pip" / "pip.conf"
