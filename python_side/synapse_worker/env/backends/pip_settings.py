"""Lets uv use the package index that the user configured for pip.

uv reads its own settings only; a machine whose index, links or certificates stand in pip.conf or in
`PIP_*` would otherwise build with one backend and fail with the other. Where the user configured uv
itself (an index in a `UV_*` variable, a uv.toml or `[tool.uv]`), uv's own settings stand alone.
"""

from __future__ import annotations

import configparser
import os
from pathlib import Path
from urllib.parse import unquote, urlparse

from .uv_settings import names_an_index

_TRUE = {"1", "true", "yes", "on"}


def uv_environment(environment: dict[str, str], directory: Path) -> dict[str, str]:
    """Return `environment` completed with pip's index settings in uv's words."""
    if names_an_index(environment, directory):
        return environment
    pip = pip_settings(environment)
    words = {
        "UV_DEFAULT_INDEX": pip.get("index-url", ""),
        "UV_INDEX": " ".join(pip.get("extra-index-url", "").split()),
        "UV_FIND_LINKS": ",".join(filter(_link_exists, pip.get("find-links", "").split())),
        "UV_INSECURE_HOST": " ".join(pip.get("trusted-host", "").split()),
        "UV_HTTP_TIMEOUT": pip.get("timeout", pip.get("default-timeout", "")),
        "SSL_CERT_FILE": pip.get("cert", ""),
        "SSL_CLIENT_CERT": pip.get("client-cert", ""),
        "HTTPS_PROXY": pip.get("proxy", ""),
        "HTTP_PROXY": pip.get("proxy", ""),
    }
    if words["UV_INDEX"]:
        # pip takes the best version of all its indexes; uv alone would stop at the first.
        words["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return {**{name: value for name, value in words.items() if value}, **environment}


def asks_no_index(environment: dict[str, str]) -> bool:
    """Say whether pip's settings allow no index: packages come from folders only, with either backend."""
    return pip_settings(environment).get("no-index", "").lower() in _TRUE


def pip_settings(environment: dict[str, str]) -> dict[str, str]:
    """Return pip's settings: its configuration files, weakest first, then `PIP_*`."""
    settings: dict[str, str] = {}
    for path in _pip_configuration_files(environment):
        parser = configparser.RawConfigParser()
        try:
            parser.read(path, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            continue  # pip itself will complain about it where it matters
        for section in ("global", "install"):
            if parser.has_section(section):
                settings.update(
                    (key.replace("_", "-"), value) for key, value in parser.items(section)
                )
    for name, value in environment.items():
        if name.startswith("PIP_") and value:
            settings[name[4:].lower().replace("_", "-")] = value
    return settings


def _pip_configuration_files(environment: dict[str, str]) -> list[Path]:
    chosen = environment.get("PIP_CONFIG_FILE")
    if chosen == os.devnull:
        return []
    home = Path(environment.get("HOME") or Path.home())
    site = environment.get("XDG_CONFIG_DIRS") or "/etc/xdg"
    user = environment.get("XDG_CONFIG_HOME") or str(home / ".config")
    files = [Path(folder) / "pip" / "pip.conf" for folder in site.split(":")]
    files += [
        Path("/Library/Application Support/pip/pip.conf"),
        Path("/etc/pip.conf"),
        home / ".pip" / "pip.conf",
        home / "Library" / "Application Support" / "pip" / "pip.conf",
        Path(user) / "pip" / "pip.conf",
    ]
    return [*files, Path(chosen)] if chosen else files


def _link_exists(link: str) -> bool:
    """Say whether a link can be looked at: pip skips a missing folder, uv would stop."""
    parsed = urlparse(link)
    if parsed.scheme in {"http", "https"}:
        return True
    return os.path.exists(unquote(parsed.path) if parsed.scheme == "file" else link)
