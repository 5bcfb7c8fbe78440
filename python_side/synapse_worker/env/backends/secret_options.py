"""Keeps passwords of index addresses out of the files that tools read.

A module's requirements may name an index with credentials in its address. What we write for a tool would keep
them where a kill leaves it; a command line shows them to every user of the machine. They travel in the tool's
environment, which only its own user can read. Tools replace `${NAME}` in files alone, so there we do it for them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..sources.requirement_line import expanded
from .pip_settings import pip_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_OPTION = re.compile(
    r"^(?P<name>-i|-f|--index-url|--extra-index-url|--find-links)(?:\s+|=|(?<=^-[if])(?=\S))"
    r"(?P<value>[A-Za-z][A-Za-z0-9+.-]*://[^/\s]+@.*)$"
)
# Option → the variable that says the same, and what parts its entries (None: there is only one).
_PIP = {
    "--index-url": ("PIP_INDEX_URL", None),
    "--extra-index-url": ("PIP_EXTRA_INDEX_URL", " "),
    "--find-links": ("PIP_FIND_LINKS", " "),
}
_UV = {
    "--index-url": ("UV_DEFAULT_INDEX", None),
    "--extra-index-url": ("UV_INDEX", " "),
    "--find-links": ("UV_FIND_LINKS", ","),
}
_LONG = {"-i": "--index-url", "-f": "--find-links"}


def part_secrets(lines: Iterable[str]) -> tuple[list[str], list[str]]:
    """Part lines of requirements into those for a file and the options that hold credentials."""
    public: list[str] = []
    secret: list[str] = []
    for line in lines:
        (secret if _OPTION.match(line) else public).append(line)
    return public, secret


def pip_secrets(environment: Mapping[str, str], options: Iterable[str]) -> dict[str, str]:
    """Return the environment of pip and pip-compile with the options in it."""
    pip = pip_settings(dict(environment))
    known = {name: pip.get(option.removeprefix("--"), "") for option, (name, _) in _PIP.items()}
    # What a file of pip's says, a variable would replace: entries are added to it.
    return _with({**environment, **_filled(known)}, options, _PIP)


def uv_secrets(environment: Mapping[str, str], options: Iterable[str]) -> dict[str, str]:
    """Return the environment of uv with the options in it."""
    return _with(environment, options, _UV)


def _filled(values: Mapping[str, str]) -> dict[str, str]:
    return {name: " ".join(value.split()) for name, value in values.items() if value}


def _with(
    environment: Mapping[str, str],
    options: Iterable[str],
    variables: Mapping[str, tuple[str, str | None]],
) -> dict[str, str]:
    completed = dict(environment)
    for option in options:
        found = _OPTION.match(option)
        if found is not None:
            name, separator = variables[_LONG.get(found["name"], found["name"])]
            before = completed.get(name)
            value = expanded(found["value"].strip())
            completed[name] = f"{before}{separator}{value}" if before and separator else value
    return completed
