"""Which package indexes pip or uv would ask, and who said so.

uv reads its own settings where there are any, and pip's otherwise (env/backends/pip_settings.py sees
to that); credentials stay in the address here and leave this room redacted only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..env.backends.pip_settings import pip_settings, uv_environment
from ..env.sources.toml import TomlError, parse_toml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PYPI = "https://pypi.org/simple"
_TRUE = {"1", "true", "yes", "on"}
_OPTION = re.compile(r"^(?P<name>-i|--index-url|--extra-index-url)(?:\s+|=)(?P<url>\S+)$")
_UV_FILES = (Path("/etc/uv/uv.toml"),)


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
    pip = pip_settings(dict(environ))
    found = list(_from_options(options))
    replaces_default = any(name != "--extra-index-url" for name, _ in found)
    indexes = [Index(url, "requirements.txt") for _, url in found]
    configured = list(_of_uv(environ, directory) if uses_uv else _of_pip(pip))
    if uses_uv and not configured:
        configured = list(_of_pip(pip))
    if not replaces_default:
        default = [index for index in configured if index.is_default]
        indexes += default[:1] or [Index(PYPI, "default", is_default=True)]
    indexes += [index for index in configured if not index.is_default]
    words = uv_environment(dict(environ), directory) if uses_uv else {}
    return IndexSettings(
        tuple({index.url: index for index in reversed(indexes)}.values())[::-1],
        no_index="--no-index" in options or pip.get("no-index", "").lower() in _TRUE,
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


def _of_pip(settings: dict[str, str]) -> Iterator[Index]:
    if settings.get("index-url"):
        yield Index(settings["index-url"], "pip's settings", is_default=True)
    for url in settings.get("extra-index-url", "").split():
        yield Index(url, "pip's extra-index-url")


def _of_uv(environ: Mapping[str, str], directory: Path) -> Iterator[Index]:
    """Yield uv's own indexes, the one that counts first."""
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        if environ.get(name):
            yield _named(environ[name], name, environ, is_default=True)
    for name in ("UV_INDEX", "UV_EXTRA_INDEX_URL"):
        for entry in environ.get(name, "").split():
            yield _named(entry, name, environ)
    for path, table in _uv_tables(environ, directory):
        for scope in (table, _mapping(table.get("pip"))):
            if isinstance(scope.get("index-url"), str):
                yield Index(scope["index-url"], str(path), is_default=True)
            for url in _list(scope.get("extra-index-url")):
                yield Index(str(url), str(path))
        for entry in _list(table.get("index")):
            if isinstance(entry, dict) and isinstance(entry.get("url"), str):
                url = _with_credentials(entry["url"], str(entry.get("name", "")), environ)
                yield Index(url, str(path), is_default=entry.get("default") is True)


def _uv_tables(
    environ: Mapping[str, str], directory: Path
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield uv's configuration, the nearest first: a uv.toml hides the pyproject.toml beside it."""
    if environ.get("UV_NO_CONFIG", "").lower() in _TRUE:
        return
    if environ.get("UV_CONFIG_FILE"):
        path = Path(environ["UV_CONFIG_FILE"])
        yield path, _toml(path)
        return
    for folder in (directory, *directory.parents):
        own, project = folder / "uv.toml", folder / "pyproject.toml"
        table = (
            _toml(own)
            if own.is_file()
            else _mapping(_mapping(_toml(project).get("tool")).get("uv"))
        )
        if table:
            yield (own if own.is_file() else project), table
            break
    home = Path(environ.get("HOME") or Path.home())
    user = Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "uv" / "uv.toml"
    for path in (user, *_UV_FILES):
        yield path, _toml(path)


def _named(
    entry: str, origin: str, environ: Mapping[str, str], *, is_default: bool = False
) -> Index:
    """Read `name=url`; the credentials of a named index may stand in variables of its name."""
    name, is_named, url = entry.partition("=")
    if is_named and "://" not in name:
        return Index(_with_credentials(url, name, environ), origin, is_default)
    return Index(entry, origin, is_default)


def _with_credentials(url: str, name: str, environ: Mapping[str, str]) -> str:
    prefix = f"UV_INDEX_{re.sub('[^A-Za-z0-9]', '_', name).upper()}"
    user, password = environ.get(f"{prefix}_USERNAME"), environ.get(f"{prefix}_PASSWORD", "")
    if not name or not user or "://" not in url or "@" in url.split("/")[2]:
        return url
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{user}:{password}@{rest}"


def _toml(path: Path) -> dict[str, Any]:
    try:
        return parse_toml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, TomlError):
        return {}  # uv itself says what is wrong with it


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value] if isinstance(value, str) else []
