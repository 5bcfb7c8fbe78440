"""What may be asked for: a version, a range, a path or command, `active`, `conda` or `conda:NAME`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ..errors import INVALID_CONFIG, ModuleEnvironmentError
from ..sources.version_range import VersionRange, parse_version_range

Kind = Literal["any", "version", "range", "command", "active", "conda"]

_VERSION = re.compile(r"^(?:python)?(\d+(?:\.\d+){0,2})$")
# `~/bin/python` is a path.
_RANGE = re.compile(r"^(?:[<>=!^\d]|~=|~\d)")
# pyenv and CPython write it with a letter, uv with a word, debug builds with one more.
_FREE_THREADED = re.compile(r"\d(?:td?|\+freethreaded)\b")
_FREE_THREADED_OF_UV = re.compile(r"[^/]*\+freethreaded[^/]*")


@dataclass(frozen=True)
class Request:
    """A request for a Python, and who made it."""

    kind: Kind
    text: str = ""
    # Where it stands, for errors: "the option python", ".python-version".
    origin: str = ""
    prefix: tuple[int, ...] = ()
    range: VersionRange | None = None

    @property
    def title(self) -> str:
        """Name it in a sentence."""
        if self.kind == "any":
            return "a Python"
        if self.kind in {"version", "range"}:
            return f"Python {self.text}"
        return f'"{self.text}"'

    def admits(self, version: tuple[int, ...]) -> bool:
        """Say whether a version fits; a path or an environment says nothing about versions."""
        if self.range is not None:
            return self.range.admits(version)
        return version[: len(self.prefix)] == self.prefix


def parse_request(text: str | None, origin: str = "") -> Request:
    """Read a request.

    Raises:
        ModuleEnvironmentError: it is none (`INVALID_CONFIG`).
    """
    text = (text or "").strip()
    if not text:
        return Request("any")
    version = _VERSION.match(text)
    if version:
        numbers = version.group(1)
        prefix = tuple(int(part) for part in numbers.split("."))
        return Request("version", numbers, origin, prefix=prefix)
    if text == "active":
        return Request("active", text, origin)
    if text == "conda" or text.startswith("conda:"):
        return Request("conda", text, origin)
    if not _RANGE.match(text) and not _FREE_THREADED_OF_UV.fullmatch(text):
        return Request("command", text, origin)
    try:
        return Request("range", text, origin, range=parse_version_range(text))
    except ValueError as problem:
        title = f'"{text}"{f" ({origin})" if origin else ""}'
        if _FREE_THREADED.search(text):
            raise ModuleEnvironmentError(
                INVALID_CONFIG,
                f"{title} asks for a free-threaded Python, which is not chosen by its version: "
                "Synapse has not been tested on one.",
                hint="Ask for the version without it, or for the path of that interpreter.",
                cause=problem,
            ) from problem
        raise ModuleEnvironmentError(
            INVALID_CONFIG,
            f"{title} is not a Python request: {problem}.",
            hint='Give a version ("3.12"), a range (">=3.11,<3.13"), a command ("python3.12"), a path '
            'to an interpreter, "active", or "conda:NAME".',
        ) from problem


def parse_name(text: str, origin: str) -> Request:
    """Read what a `.python-version` says: that may be the name of a version of pyenv's (`3.14-dev`).

    Raises:
        ModuleEnvironmentError: it is none (`INVALID_CONFIG`).
    """
    is_of_uv = _FREE_THREADED_OF_UV.fullmatch(text)
    if text[:1].isdigit() and not _VERSION.match(text) and not is_of_uv:
        return Request("command", text, origin)
    return parse_request(text, origin)


def parse_requires_python(text: str | None) -> VersionRange | None:
    """Read the range that a module allows.

    Raises:
        ModuleEnvironmentError: it is none (`INVALID_CONFIG`).
    """
    if text is None or not text.strip():
        return None
    try:
        return parse_version_range(text)
    except ValueError as problem:
        raise ModuleEnvironmentError(
            INVALID_CONFIG,
            f'requires-python "{text}" cannot be read: {problem}.',
            hint='Write a range such as ">=3.11" or ">=3.11,<3.14".',
        ) from problem
