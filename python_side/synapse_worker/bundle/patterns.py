"""Patterns as `.gitignore` has them: the last one that matches a path decides.

`#` comments, `!` takes back, a slash before the end binds to the folder of the list, a slash at the
end means folders only, `*` and `?` stop at a slash, `**` does not. Pure text: touches no file.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Pattern:
    """One line of a list."""

    text: str
    matcher: re.Pattern[str]
    takes_back: bool
    folders_only: bool

    def matches(self, path: str, *, is_folder: bool) -> bool:
        """Say whether a path, relative to the list's folder and with `/`, is meant."""
        return (is_folder or not self.folders_only) and self.matcher.fullmatch(
            _bytewise(path)
        ) is not None


class PatternList:
    """An ordered list of patterns, relative to one folder."""

    def __init__(self, lines: Iterable[str]) -> None:
        parsed = (parse_pattern(line) for line in lines)
        self._patterns = [pattern for pattern in parsed if pattern is not None]

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def decide(self, path: str, *, is_folder: bool) -> bool | None:
        """Return what the last matching pattern says: True, False (taken back), None (nothing)."""
        for pattern in reversed(self._patterns):
            if pattern.matches(path, is_folder=is_folder):
                return not pattern.takes_back
        return None

    def covers(self, path: str, *, is_folder: bool) -> bool:
        """Say whether the path or a folder above it is meant."""
        parts = path.split("/")
        above = ("/".join(parts[:end]) for end in range(1, len(parts)))
        if any(self.decide(folder, is_folder=True) for folder in above):
            return True
        return bool(self.decide(path, is_folder=is_folder))


def parse_pattern(line: str) -> Pattern | None:
    """Parse one line; None for a comment and for nothing."""
    text = line.rstrip("\r\n")
    # Trailing blanks count only behind a backslash.
    text = re.sub(r"(?<!\\)[ \t]+$", "", text)
    if not text or text.startswith("#"):
        return None
    takes_back = text.startswith("!")
    body = text[1:] if takes_back else text
    folders_only = body.endswith("/")
    body = body.rstrip("/")
    if not body:
        return None
    is_bound = "/" in body
    expression = _expression(_bytewise(body.lstrip("/")))
    if not is_bound:
        expression = rf"(?:.*/)?{expression}"
    return Pattern(text, re.compile(expression, re.DOTALL), takes_back, folders_only)


# A class in brackets, an escaped character, the stars, `?`, anything else.
_TOKEN = re.compile(
    r"\[(?P<negated>[!^]?)(?P<set>\]?(?:\[:[a-z]*:\]|\\.|[^\]\\])*)\]|\\(?P<escaped>.)"
    r"|(?P<stars>(?:(?<=/)|^)\*\*/|/\*\*$|\*+)|(?P<any>\?)|(?P<other>.)",
    re.DOTALL,
)


_NOTHING = "(?!)"
_NAMED_CLASS = re.compile(r"\[:([a-z]*):\]")
# As git has them, whatever the language of the machine: of ASCII alone.
_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": " \\t",
    "cntrl": "\\x00-\\x1f\\x7f",
    "digit": "0-9",
    "graph": "\\x21-\\x7e",
    "lower": "a-z",
    "print": "\\x20-\\x7e",
    "punct": "\\x21-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7e",
    "space": "\\s",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}
# An empty range, which is an error: one of no known name matches nothing at all.
_NO_CLASS = "z-a"


def _bytewise(text: str) -> str:
    """Return a text with one character for each byte: to git a `?` is a byte, not a letter."""
    return os.fsencode(text).decode("latin-1")


def _expression(body: str) -> str:
    return "".join(_translated(token) for token in _TOKEN.finditer(body))


def _translated(token: re.Match[str]) -> str:
    stars = token["stars"]
    if stars == "**/":
        return "(?:.*/)?"
    if stars == "/**":
        return "/.*"
    if stars is not None:
        return "[^/]*"
    if token["any"]:
        return "[^/]"
    if token["set"] is not None:
        return _class(token)
    if token["other"] == "[":  # without its end: git takes the pattern for one that matches nothing
        return _NOTHING
    return re.escape(token["escaped"] or token["other"])


def _class(token: re.Match[str]) -> str:
    # Every second part is the name of a class.
    parts = _NAMED_CLASS.split(token["set"])
    parts[::2] = [re.sub(r"([\[&~|^])", r"\\\1", part) for part in parts[::2]]
    parts[1::2] = [_CLASSES.get(name, _NO_CLASS) for name in parts[1::2]]
    members = "".join(parts)
    if members.startswith("]"):
        members = "\\" + members
    negated = "^/" if token["negated"] else ""
    try:
        re.compile(f"[{negated}{members}]")
    except re.error:  # such as `[z-a]`: git takes it for a class that matches nothing
        return _NOTHING
    return f"(?!/)[{negated}{members}]"
