"""Which package indexes pip or uv would ask, and who said so.

Each backend asks what the other's settings name where its own name nothing: read here is the very
environment that a build gives to its tool (env/backends/{pip_settings,pip_fetching}.py). Credentials stay
in the address here and leave this room redacted only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..env.backends.fetching import EVERYTHING
from ..env.backends.pip_fetching import index_addresses, pip_environment
from ..env.backends.pip_settings import asks_no_index, pip_settings, uv_environment
from ..env.backends.uv_settings import uv_tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

PYPI = "https://pypi.org/simple"
_OPTION = re.compile(r"^(?P<name>-i|--index-url|--extra-index-url)(?:\s+|=)(?P<url>\S+)$")
# uv's variables, whether they take the place of PyPI, and what says the same for pip.
_UV_VARIABLES = (
    (("UV_DEFAULT_INDEX", "UV_INDEX_URL"), True, "pip's settings"),
    (("UV_INDEX", "UV_EXTRA_INDEX_URL"), False, "pip's extra-index-url"),
)


@dataclass(frozen=True)
class Index:
    """One package index and where it was named."""

    url: str
    origin: str
    # It stands in the place of PyPI; the others are asked beside it.
    is_default: bool = False


@dataclass(frozen=True)
class IndexSettings:
    """All that decides how a package index is reached."""

    indexes: tuple[Index, ...]
    no_index: bool = False
    certificates: str | None = None
    client_certificate: str | None = None
    proxy: str | None = None
    trusted_hosts: tuple[str, ...] = ()


def index_settings(
    environ: Mapping[str, str], directory: Path, options: tuple[str, ...], *, uses_uv: bool
) -> IndexSettings:
    """Return what a build of the module in `directory` would use.

    `options` are the index options of its requirements file, which both tools put first.
    """
    variables = dict(environ)
    pip = pip_settings(variables)
    found = list(_from_options(options))
    replaces_default = any(name != "--extra-index-url" for name, _ in found)
    indexes = [Index(url, "requirements.txt") for _, url in found]
    configured = list(_of_uv(variables, directory) if uses_uv else _of_pip(variables))
    if not replaces_default:
        default = [index for index in configured if index.is_default]
        indexes += default[:1] or [Index(PYPI, "default", is_default=True)]
    indexes += [index for index in configured if not index.is_default]
    words = uv_environment(variables, directory) if uses_uv else {}
    return IndexSettings(
        tuple({index.url: index for index in reversed(indexes)}.values())[::-1],
        no_index="--no-index" in options or asks_no_index(variables),
        certificates=words.get("SSL_CERT_FILE")
        or pip.get("cert")
        or environ.get("REQUESTS_CA_BUNDLE")
        or environ.get("SSL_CERT_FILE"),
        client_certificate=words.get("SSL_CLIENT_CERT") or pip.get("client-cert"),
        proxy=pip.get("proxy"),
        trusted_hosts=tuple(
            f"{words.get('UV_INSECURE_HOST', '')} {pip.get('trusted-host', '')}".split()
        ),
    )


def _from_options(options: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for option in options:
        match = _OPTION.match(option)
        if match:
            yield match["name"], match["url"]


def _of_pip(environ: dict[str, str]) -> Iterator[Index]:
    """Yield what pip is told to ask: by its own settings, or where those name none by uv's variables."""
    own, told = pip_settings(environ), pip_settings(pip_environment(environ, EVERYTHING))
    if told.get("index-url"):
        origin = "pip's settings" if own.get("index-url") else "uv's settings"
        yield Index(told["index-url"], origin, is_default=True)
    for url in told.get("extra-index-url", "").split():
        origin = "pip's extra-index-url" if own.get("extra-index-url") else "uv's settings"
        yield Index(url, origin)


def _of_uv(environ: dict[str, str], directory: Path) -> Iterator[Index]:
    """Yield what uv is told to ask, the one that counts first: by its own settings, or by pip's."""
    told = uv_environment(environ, directory)
    for names, is_default, of_pip in _UV_VARIABLES:
        for name in names:
            origin = name if environ.get(name) else of_pip
            for url in index_addresses(told.get(name, ""), told):
                yield Index(url, origin, is_default)
    for path, table in uv_tables(environ, directory):
        for scope in (table, table.get("pip")):
            if isinstance(scope, dict):
                yield from _of_table(scope, str(path), environ)


def _of_table(table: dict[str, Any], origin: str, environ: dict[str, str]) -> Iterator[Index]:
    """Yield the indexes of one table of uv's settings, `[tool.uv]` or `[tool.uv.pip]`."""
    if isinstance(table.get("index-url"), str):
        yield Index(table["index-url"], origin, is_default=True)
    for url in _list(table.get("extra-index-url")):
        yield Index(str(url), origin)
    for entry in _list(table.get("index")):
        if isinstance(entry, dict) and isinstance(entry.get("url"), str):
            named = f"{entry['name']}={entry['url']}" if entry.get("name") else entry["url"]
            for url in index_addresses(named, environ):
                yield Index(url, origin, is_default=entry.get("default") is True)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value] if isinstance(value, str) else []
