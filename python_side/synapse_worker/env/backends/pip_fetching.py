"""What pip and pip-compile may fetch and where from, in pip's words.

pip reads its own settings only. Where it has none for an index and uv has (`UV_DEFAULT_INDEX`, `UV_INDEX`),
those are translated, so that a machine set up for one backend builds with the other. Addresses travel in
the environment, never in a command line, where every user of the machine could read their credentials.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

from .pip_settings import pip_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .fetching import Fetching

# `UV_INDEX` may name its entries: name=https://…
_NAMED_INDEX = re.compile(r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)=(?P<url>.+)$")


def pip_options(fetching: Fetching) -> list[str]:
    """Return the options that pip and pip-compile get for what may be fetched."""
    return [*fetching.links, "--no-index"] if fetching.offline else fetching.links


def pip_environment(environment: dict[str, str], fetching: Fetching) -> dict[str, str]:
    """Return `environment` completed with uv's indexes, and with what may not be fetched."""
    pip = pip_settings(environment)
    completed = dict(environment)
    default, extra = _uv_indexes(environment)
    if default and "index-url" not in pip:
        completed["PIP_INDEX_URL"] = default
    if extra and "extra-index-url" not in pip:
        completed["PIP_EXTRA_INDEX_URL"] = " ".join(extra)
    links = environment.get("UV_FIND_LINKS")
    if links and "find-links" not in pip:
        completed["PIP_FIND_LINKS"] = " ".join(links.split(","))
    if fetching.no_build:
        completed["PIP_ONLY_BINARY"] = ":all:"
    return completed


def _uv_indexes(environment: dict[str, str]) -> tuple[str | None, list[str]]:
    """Return uv's default index and its further ones, credentials filled in."""
    default = environment.get("UV_DEFAULT_INDEX") or environment.get("UV_INDEX_URL")
    further = environment.get("UV_INDEX") or environment.get("UV_EXTRA_INDEX_URL") or ""
    chosen = next(index_addresses(default or "", environment), None)
    return chosen, list(index_addresses(further, environment))


def index_addresses(entries: str, environment: dict[str, str]) -> Iterator[str]:
    """Yield the addresses in a variable of uv's, the credentials of named ones filled in."""
    for entry in entries.split():
        named = _NAMED_INDEX.match(entry)
        if named is None:
            yield entry
        else:
            variable = "UV_INDEX_" + re.sub(r"[^A-Z0-9]", "_", named.group("name").upper())
            user = environment.get(f"{variable}_USERNAME")
            password = environment.get(f"{variable}_PASSWORD")
            yield _with_credentials(named.group("url"), user, password)


def _with_credentials(url: str, user: str | None, password: str | None) -> str:
    parts = urlsplit(url)
    if "@" in parts.netloc or not (user or password):
        return url
    secret = f":{quote(password, safe='')}" if password else ""
    return urlunsplit(parts._replace(netloc=f"{quote(user or '', safe='')}{secret}@{parts.netloc}"))
